//! What the programs written by hand have in common: the code tables, and minor units.

/// A whole number of minor units; amounts of this job have at most two digits after the point.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^53")]
pub fn minor_units(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

/// The bank's code.
#[must_use]
pub fn status(code: &str) -> &'static str {
    match code {
        "NEW" => "01",
        "IN_PROGRESS" => "02",
        "APPROVED" => "03",
        "REJECTED" => "04",
        "ISSUED" => "05",
        "CANCELLED" => "06",
        _ => "99",
    }
}

/// The bank's code.
#[must_use]
pub fn currency(code: &str) -> &'static str {
    match code {
        "RUB" => "643",
        "USD" => "840",
        "EUR" => "978",
        "CNY" => "156",
        _ => "000",
    }
}

/// The bank's code.
#[must_use]
pub fn document_type(code: &str) -> &'static str {
    match code {
        "CHARTER" => "D001",
        "PASSPORT" => "D002",
        "BALANCE" => "D003",
        "CONTRACT" => "D004",
        "ORDER" => "D005",
        "ANKETA" => "D006",
        _ => "D999",
    }
}
