//! A page of the reference: its fenced blocks and the rows of its tables.

/// One fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The line of the opening fence in the page, from 1.
    pub line: usize,
    /// What stands behind the fence: `json output`.
    pub info: String,
    pub text: String,
    /// The number of headings before it: blocks under one heading belong together.
    pub section: usize,
}

/// Every fenced block, in the order of the page.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut open, mut section) = (false, 0);
    for (line, text) in (1..).zip(page.lines()) {
        match text.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                blocks.push(Block { line, info: info.to_owned(), text: String::new(), section });
            }
            None if open => {
                let block = blocks.last_mut().expect("an open block is the last");
                block.text.push_str(text);
                block.text.push('\n');
            }
            None => section += usize::from(text.starts_with('#')),
        }
    }
    blocks
}

/// What stands in backticks in the first cell of each table row.
pub fn entries(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter_map(|line| line.strip_prefix("| `")).flat_map(|row| {
        let cell = row.split(" | ").next().unwrap_or_default();
        cell.trim_end_matches('`').split("` `")
    })
}
