//! The job as it is usually written by hand: over `serde_json::Value`.

use serde_json::{Value, json};

use super::Case;
use crate::Failure;

#[derive(Default)]
pub struct Hand {
    out: Vec<u8>,
}

impl Case for Hand {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let message: Value = serde_json::from_slice(message)?;
        let mapped = map(&message).ok_or("the message is not of the expected shape")?;
        self.out = serde_json::to_vec(&mapped)?;
        Ok(&self.out)
    }
}

fn map(message: &Value) -> Option<Value> {
    let deal = message.get("payload")?.get("dealApplication")?;
    let attachments = deal["documents"].as_array()?.iter().map(attachment).collect::<Option<Vec<Value>>>()?;
    Some(json!({
        "payloadType": "loanRequest",
        "originator": message["receiver"],
        "receiver": message["originator"],
        "correlationId": message["msgId"],
        "msgDateTime": message["msgDateTime"],
        "payload": {"loanRequest": {
            "requestId": deal["id"],
            "requestNumber": deal["number"],
            "requestDate": day(&deal["createDateTime"])?,
            "statusCode": status(deal["status"].as_str()?),
            "amountMinor": minor(&deal["amount"])?,
            "currencyCode": currency(deal["currency"].as_str()?),
            "comment": deal.get("comment").and_then(Value::as_str).unwrap_or("Без комментария"),
            "channel": deal.get("channel").and_then(Value::as_str).unwrap_or("SITE"),
            "borrower": borrower(deal.get("client")?)?,
            "productInfo": product(deal.get("product")?)?,
            "bg": guarantee(deal.get("guarantee")?)?,
            "attachments": attachments,
        }},
    }))
}

fn borrower(client: &Value) -> Option<Value> {
    let contact = client.get("contact")?;
    let name = |part: &str| contact[part].as_str();
    let (address, account) = (&client["addresses"][0], &client["accounts"][0]);
    let founders = client["founders"].as_array()?.iter();
    let owners: Vec<&Value> = founders.filter(|founder| founder["share"].as_f64() > Some(25.0)).collect();
    Some(json!({
        "taxId": client["inn"],
        "regNumber": client["ogrn"],
        "kpp": client["kpp"],
        "name": client["fullName"],
        "nameUpper": client["shortName"].as_str()?.to_uppercase(),
        "contactName": format!("{} {} {}", name("lastName")?, name("firstName")?, name("middleName")?),
        "phone": contact["phone"],
        "email": contact["email"],
        "legalAddress": address["fullAddress"],
        "postalCode": address["postalCode"],
        "region": address["region"],
        "mainAccount": account["number"],
        "bik": account["bik"],
        "bank": account["bankName"],
        "beneficialOwners": owners,
    }))
}

fn product(product: &Value) -> Option<Value> {
    Some(json!({
        "code": product["code"],
        "name": product["name"],
        "term": product["termDays"],
        "rate": product["rate"],
        "title": format!("{} / {}", product["code"].as_str()?, product["name"].as_str()?),
    }))
}

fn guarantee(guarantee: &Value) -> Option<Value> {
    let mut mapped = json!({
        "kind": guarantee["type"],
        "purchase": guarantee["purchaseNumber"],
        "law": guarantee["law"],
        "validFrom": guarantee["startDate"],
        "validTo": day(&guarantee["endDate"])?,
        "benInn": guarantee["beneficiary"]["inn"],
        "benName": guarantee["beneficiary"]["name"],
        "subject": guarantee["subject"],
        "finalAmountMinor": minor(&guarantee["amount"])?,
    });
    if guarantee["hasAdvance"] == Value::Bool(true) {
        mapped["advance"] = guarantee["advancePercent"].clone();
    }
    Some(mapped)
}

fn attachment(document: &Value) -> Option<Value> {
    Some(json!({
        "docId": document["id"],
        "docTypeCode": document_type(document["type"].as_str()?),
        "fileName": document["name"],
        "link": document["url"],
    }))
}

fn day(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some(format!("{}.{}.{}", text.get(8..10)?, text.get(5..7)?, text.get(0..4)?))
}

/// Amounts of this job have at most two digits after the point.
#[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^53")]
pub(super) fn minor_of(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

fn minor(value: &Value) -> Option<i64> {
    value.as_f64().map(minor_of)
}

pub(super) fn status(code: &str) -> &'static str {
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

pub(super) fn currency(code: &str) -> &'static str {
    match code {
        "RUB" => "643",
        "USD" => "840",
        "EUR" => "978",
        "CNY" => "156",
        _ => "000",
    }
}

pub(super) fn document_type(code: &str) -> &'static str {
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
