//! What `stillgood evaluate --help` says after the options.

pub(super) const ABOUT_FILES: &str = "\
FILES
A file holds one shape, one JSON object a line. A fact and what became of it:
  {\"subject\": \"s17\", \"attribute\": \"employer\", \"start\": \"2015-03\", \"end\": \"2019-11-30\"}
    \"end\": null was seen to hold until \"seen\", else until 2023-12-01; start null is left out
  {\"subject\": \"s17\", \"attribute\": \"employer\", \"start_year\": 2015, \"end_year\": 2019}
    true to the end of its last year
A row of a memory, and whether it still held when somebody asked:
  {\"subject\": \"s17\", \"attribute\": \"employer\", \"stated\": \"2016-01\", \"asked\": \"2017-01\", \"held\": true}
    perhaps with \"parent_changed\": whether what it was derived from had changed by then
An attribute that ends in ` of ` and its subject, such as `president of Italy`, is read without these.
A time is RFC 3339, or YYYY-MM-DD, YYYY-MM, YYYY. A subject is whom a fact is about: what learns, learns from other subjects.

Each fact is stated once, at a time drawn within it, and asked about 0.25, 0.5, 1, 2, 3, 5 and 10 years later: that makes its rows. \
The same files give the same figures.

COLUMNS
  AUC       how often a row that held is given more than one that did not; better when high
  log loss  how far chances are from what came of them; to be sure and wrong costs most
  Brier     the same, as a squared distance
  ECE       the same, for fifteen groups of like chances
  asked     the share to ask about so that at most 5 in 100 of those left live are stale
  leak      stale among those left live, where half are asked about
  retired   still true among those asked about, there
All but AUC are better when low. `95 % from` and `95 % to` below a line: within these 95 in 100 repetitions with other subjects lie.

METHODS that learn nothing
  always live                     every row still holds
  0.995 per hour, 0.99 per hour   a chance that decays by the hour since the row was stated
  live for N days                 holds for so long, then not any more
  0.995 per hour since retrieval  the same decay, begun anew by each retrieval
  base-level activation           more retrievals, and later ones, make a row surer
  FSRS-6 on retrieval             a schedule for flash cards, each retrieval a good review
  FSRS-6, never confirmed         the same schedule, without any review
  latest wins                     a later statement of the same attribute ends the one before
How often a row is retrieved is made up, and has nothing to do with whether it holds.
METHODS that learn from other subjects, from how facts went on from sixteen moments in each
  the share that held             one chance for all rows
  one hazard                      one rate of change for all
  a hazard for each attribute     one rate for each attribute
  attribute x tenure, whole facts the same, by how long the fact had held, from its beginning alone
  attribute x tenure              from all sixteen moments: the one to beat
  lengths of past facts           how long facts of the attribute lasted
METHODS of stillgood
  stillgood                       the table by itself: --table, else one fitted on other subjects
  .., with the subject's history  moved by what had become of its earlier rows, as by `fit`
  .., latest wins                 and the rule above, for attributes of one value at a time
  .., rows of changed parents held back   where \"parent_changed\" says so

SECTIONS below the first
  difference from attribute x tenure          ours less that one: but for AUC, below 0 is better
  asked up to a quarter earlier or later      on days on which no step of a curve begins
  stillgood, where its input is wrong         clocks that are off, attributes missing or mixed up
  stillgood, fitted on another file           with several files: fitted on each other one
  where each retrieval counts a thousandfold  what that does to methods that count retrievals
  attributes, seen by the fit and unseen      by a table that saw it, and by one that did not: of a
                                              hundred rows or more, at most twenty

TABLES
--write-table writes the curves that the files make for their attributes and for `*`, all others. The rest of the table comes with \
it: curves for kinds and categories, and for attributes that the files do not have, are those of the program, set by hand. \
A table measured with --table on the file that it was made from is measured in sample: its figures are better than on rows that \
it has not seen. Attributes that a table does not list are read from its `*`, else as rows without an attribute.

Targets are tried before anything is measured. What was written is said on standard error.";
