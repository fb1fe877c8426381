//! `// allow: gets-fresher, because …`: a finding that the author means to keep, and why.

use super::fresher::Searched;
use crate::policy::diagnostic::{Place, Problem};

/// The one rule that can be set aside: all others are about what can be mended.
const RULE: &str = "gets-fresher";
const HOW: &str = "write `// allow: gets-fresher, because …`, and why";

/// Adds what was found, unless the text allows it; and what is wrong with what the text allows.
pub(in crate::policy) fn allow(source: &str, searched: Searched, problems: &mut Vec<Problem>) {
    let mut allowed = false;
    for (number, line) in source.lines().enumerate() {
        let comment = line.trim_start();
        let Some(rest) = comment.strip_prefix("//").and_then(|comment| comment.trim_start().strip_prefix("allow:"))
        else {
            continue;
        };
        let place = Place { line: number + 1, column: line.chars().count() - comment.chars().count() + 1 };
        let (rule, why) =
            rest.split_once(',').map_or((rest.trim(), None), |(rule, why)| (rule.trim(), Some(why.trim())));
        let reason = why.and_then(|why| why.strip_prefix("because")).unwrap_or_default();
        let mut warn = |message: String, fix: &str| {
            problems.push(Problem::warning("allow", place, message, Some(fix.to_owned())));
        };
        if rule != RULE {
            warn(format!("`{rule}` cannot be allowed"), "only `gets-fresher` can");
        } else if !reason.contains(char::is_alphanumeric) {
            warn("what is allowed is allowed for a reason".to_owned(), HOW);
        } else if matches!(searched, Searched::Nowhere) || allowed {
            warn("nothing gets fresher here that is not allowed already".to_owned(), "remove it");
        } else {
            allowed = true;
        }
    }
    if let (Searched::Found(problem), false) = (searched, allowed) {
        problems.push(problem);
    }
}
