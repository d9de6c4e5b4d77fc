//! A configuration of many partners: each a shop of ten routes with schemas, code tables, records and a script of its
//! own, all of them sending to one bank.

use std::fs;
use std::io;
use std::path::Path;

/// A file's name below its folder, and its text with gaps: `~number~`.
type Template = (&'static str, &'static str);

macro_rules! templates {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../../load/", $folder, "/", $file)))),+]
    };
}

const BANK: &[Template] = templates!("bank": "partner.yaml");
const BANK_SCHEMAS: &[Template] = templates!("bank": "application.json", "cancellation.json", "result.json");
const SHOP: &[Template] = templates!("partner":
    "partner.yaml", "codes.yaml", "scoring.rhai", "order-credit.yaml", "order-guarantee.yaml", "order-other.yaml",
    "cancel.yaml", "payment.yaml", "refund.yaml", "catalogue.yaml", "status-final.yaml", "status-other.yaml",
    "document-ready.yaml",
);
const SHOP_SCHEMAS: &[Template] = templates!("schemas":
    "common.json", "order.json", "cancel.json", "payment.json", "refund.json", "catalogue.json",
    "status-changed.json", "document-ready.json", "event.json", "entry.json", "result.json",
);

/// How shops call the same thing: no two of them need to agree.
const DIALECTS: [(&str, [&str; 4]); 6] = [
    ("number", ["number", "orderId", "reference", "dealNumber"]),
    ("amount", ["amount", "sum", "volume", "value"]),
    ("payload", ["payload", "body", "order", "content"]),
    ("client", ["client", "customer", "company", "applicant"]),
    ("id", ["id", "messageId", "msgId", "uid"]),
    ("type", ["type", "messageType", "msgType", "name"]),
];

/// The folder's name of the shop at a position.
pub fn shop(at: usize) -> String {
    format!("shop-{at:04}")
}

/// Writes `mappings/` and `schemas/` for the bank and so many shops.
pub fn write(folder: &Path, shops: usize) -> io::Result<()> {
    let as_is = |text: &str| text.to_owned();
    write_all(folder, "bank", BANK, BANK_SCHEMAS, as_is)?;
    for at in 0..shops {
        write_all(folder, &shop(at), SHOP, SHOP_SCHEMAS, |text| filled(text, at))?;
    }
    Ok(())
}

/// The bank's contract.
pub fn contract() -> &'static str {
    let (_, text) = BANK[0];
    text
}

/// The text of one file of the shop at a position.
pub fn text(file: &str, at: usize) -> Option<String> {
    let (_, text) = SHOP.iter().find(|(name, _)| *name == file)?;
    Some(filled(text, at))
}

fn write_all(
    folder: &Path,
    partner: &str,
    mappings: &[Template],
    schemas: &[Template],
    fill: impl Fn(&str) -> String,
) -> io::Result<()> {
    for (kind, files) in [("mappings", mappings), ("schemas", schemas)] {
        let folder = folder.join(kind).join(partner);
        fs::create_dir_all(&folder)?;
        for (name, text) in files {
            fs::write(folder.join(name), fill(text))?;
        }
    }
    Ok(())
}

fn filled(text: &str, at: usize) -> String {
    let partner = shop(at);
    let mut text = text
        .replace("~partner~", &partner)
        .replace("~VARIABLE~", &format!("SHOP_{at:04}"))
        .replace("~prefix~", &format!("S{at:04}"))
        .replace("~code~", &format!("{:03}", at % 1000))
        .replace("~limit~", &(100_000 + at).to_string());
    // Digits of the position in base four: each thing is called differently from shop to shop.
    let mut rest = at;
    for (gap, words) in DIALECTS {
        let word = words.get(rest % words.len()).unwrap_or(&gap);
        text = text.replace(&format!("~{gap}~"), word);
        rest /= words.len();
    }
    text
}
