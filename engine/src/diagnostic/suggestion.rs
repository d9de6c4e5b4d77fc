//! "Did you mean": the candidate nearest to a word that was not found.

use strsim::damerau_levenshtein;

/// A longer word is no typing slip, and comparing costs its length squared.
const MAX_CHARS: usize = 64;

/// The candidate a writer most likely meant by `word`: at most one edit in three characters away (a
/// swap of neighbours is one edit), differences of case are free. Among equally near ones the first
/// in alphabetical order, so that the order in which candidates come does not show.
#[must_use]
pub fn did_you_mean<'a, S>(word: &str, candidates: impl IntoIterator<Item = &'a S>) -> Option<&'a str>
where
    S: AsRef<str> + ?Sized + 'a,
{
    let folded = word.to_lowercase();
    let length = folded.chars().count();
    if length == 0 || length > MAX_CHARS {
        return None;
    }
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .map(AsRef::as_ref)
        .filter_map(|candidate| Some((distance(&folded, length, allowed, candidate)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// More names than this are no help.
const MAX_LISTED: usize = 12;

/// The help line for a name that is not known: what was meant, or else all that there is.
#[must_use]
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(meant) = did_you_mean(word, known.iter().copied()) {
        return Some(format!("did you mean `{meant}`?"));
    }
    match known.len() {
        0 => None,
        1..=MAX_LISTED => Some(format!("there is: {}", known.join(", "))),
        _ => None,
    }
}

fn distance(folded: &str, length: usize, allowed: usize, candidate: &str) -> Option<usize> {
    let other = candidate.to_lowercase();
    if other.chars().count().abs_diff(length) > allowed {
        return None;
    }
    let distance = damerau_levenshtein(folded, &other);
    // One edit turns any single character into any other: that says nothing.
    (distance <= allowed && distance < length).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested() {
        let keys = ["receive", "message", "answer", "send"];
        assert_eq!(did_you_mean("recieve", keys), Some("receive"));
        assert_eq!(did_you_mean("mesage", keys), Some("message"));
        assert_eq!(did_you_mean("SEND", keys), Some("send"));
        assert_eq!(did_you_mean("заявкa", ["заявка", "клиент"]), Some("заявка"));
        assert_eq!(did_you_mean("prodcut", &["product".to_owned()]), Some("product"));
    }

    #[test]
    fn far_words_are_not() {
        assert_eq!(did_you_mean("timeout", ["receive", "send"]), None);
        assert_eq!(did_you_mean("a", ["b"]), None);
        assert_eq!(did_you_mean("", ["b"]), None);
        assert_eq!(did_you_mean(&"x".repeat(65), [&*"x".repeat(65)]), None);
    }

    #[test]
    fn the_order_of_candidates_does_not_matter() {
        assert_eq!(did_you_mean("cat", ["car", "bat"]), did_you_mean("cat", ["bat", "car"]));
    }
}
