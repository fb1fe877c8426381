# The policy of `six.rhai` for Rego: times in seconds; 0 is live, 1 background, 2 re-earn. What is absent is undefined, and
# then the branch that reads it is not taken.
package six

verdict := 2 if {
	input.expires_in <= 0
} else := 2 if {
	input.label == input.asked_label
	input.blob_id != input.asked_blob_id
} else := 2 if {
	input.rung != "included"
	input.rung != "anchored"
	input.age > 86400
} else := 0 if {
	input.unconfirmed_for <= {"episodic": 1209600, "semantic": 15552000}[input.kind]
} else := 1 if {
	input.unconfirmed_for <= {"episodic": 3628800, "semantic": 46656000}[input.kind]
} else := 2
