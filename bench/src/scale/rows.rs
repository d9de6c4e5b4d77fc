//! A code table of many rows.

use engine::{Bundle, File};

use crate::message::Random;

/// Codes in one message.
const CODES: usize = 16;

const CONTRACT: &str = "\
partner: bank
title: A bank
channels:
  inbox: {post: /bank/in, auth: none, message: \"'codes'\", messages: {codes: null}}
endpoints:
  codes: {post: \"https://bank.example/codes\", auth: none}
codes:
  long: {rows: long.csv}
";

const LOOKS_UP: &str = "\
receive: inbox
message: codes
send: codes
map:
  there: {each: codes, from: \"theirs('long', @)\"}
  back: {each: codes, from: \"ours('long', theirs('long', @))\"}
";

/// So many rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows(pub usize);

impl Rows {
    /// The route that looks up.
    pub const ROUTE: &'static str = "bank/look-up";
    /// Look-ups of one message.
    pub const LOOKUPS: usize = CODES * 3;

    /// The files: the table is in one of its own.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        let rows = (0..self.0).map(|at| format!("T{at:06};OURS_{at:06}\n"));
        let table = format!("theirs;ours\n{}", rows.collect::<String>());
        let file = |path: &str, text: &str| File { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        let files = vec![
            file("mappings/bank/partner.yaml", CONTRACT),
            file("mappings/bank/look-up.yaml", LOOKS_UP),
            file("mappings/bank/long.csv", &table),
        ];
        Bundle::from_iter(files)
    }

    /// Messages with codes from all over the table.
    #[must_use]
    pub fn messages(&self, count: usize) -> Vec<Vec<u8>> {
        let mut random = Random(1);
        let mut code = || format!("\"OURS_{:06}\"", random.below(self.0 as u64));
        let mut codes = || (0..CODES).map(|_| code()).collect::<Vec<String>>().join(",");
        (0..count).map(|_| format!("{{\"codes\":[{}]}}", codes()).into_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, Ours, Served};
    use crate::configuration::compile;
    use crate::scale::{Partners, Way};

    #[test]
    fn generated_configurations_do_what_they_say() {
        let rows = Rows(10);
        let mut ours = Ours::new(compile(&rows.bundle()).unwrap(), Rows::ROUTE);
        let result = ours.run(br#"{"codes":["OURS_000007"]}"#).unwrap();
        assert_eq!(result, br#"{"there":["T000007"],"back":["OURS_000007"]}"#);

        for way in [Way::Own, Way::Shared] {
            let partners = Partners { count: 2, way };
            let mut served = Served::new(compile(&partners.bundle()).unwrap(), partners.channel());
            assert_eq!(served.serve(&partners.message()).unwrap(), 1, "{way:?}");
        }
    }
}
