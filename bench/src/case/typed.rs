//! The job as a careful hand writes it: serde structs that borrow from the message, nothing built that is not needed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::Case;
use super::hand::{currency, document_type, minor_of, status};
use crate::Failure;

#[derive(Default)]
pub struct Typed {
    out: Vec<u8>,
}

impl Case for Typed {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let message: Message<'_> = serde_json::from_slice(message)?;
        let mapped = map(&message).ok_or("a date is too short, or an address or an account is missing")?;
        self.out = serde_json::to_vec(&mapped)?;
        Ok(&self.out)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'m> {
    originator: &'m str,
    receiver: &'m str,
    msg_id: &'m str,
    msg_date_time: &'m str,
    #[serde(borrow)]
    payload: Payload<'m>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'m> {
    #[serde(borrow)]
    deal_application: Deal<'m>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deal<'m> {
    id: &'m str,
    #[serde(borrow)]
    number: Cow<'m, str>,
    create_date_time: &'m str,
    status: &'m str,
    amount: f64,
    currency: &'m str,
    comment: Option<Text<'m>>,
    channel: Option<&'m str>,
    client: Client<'m>,
    documents: Vec<Document<'m>>,
    product: Product<'m>,
    guarantee: Guarantee<'m>,
}

/// Within an `Option`, serde borrows a `Cow` only by way of a type of its own.
#[derive(Deserialize)]
struct Text<'m>(#[serde(borrow)] Cow<'m, str>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client<'m> {
    inn: &'m str,
    ogrn: &'m str,
    kpp: &'m str,
    #[serde(borrow)]
    full_name: Cow<'m, str>,
    #[serde(borrow)]
    short_name: Cow<'m, str>,
    contact: Contact<'m>,
    addresses: Vec<Address<'m>>,
    founders: Vec<Founder<'m>>,
    accounts: Vec<Account<'m>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'m> {
    #[serde(borrow)]
    last_name: Cow<'m, str>,
    #[serde(borrow)]
    first_name: Cow<'m, str>,
    #[serde(borrow)]
    middle_name: Cow<'m, str>,
    phone: &'m str,
    email: &'m str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address<'m> {
    postal_code: &'m str,
    #[serde(borrow)]
    region: Cow<'m, str>,
    #[serde(borrow)]
    full_address: Cow<'m, str>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Founder<'m> {
    r#type: &'m str,
    #[serde(borrow)]
    full_name: Cow<'m, str>,
    inn: &'m str,
    share: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account<'m> {
    number: &'m str,
    bik: &'m str,
    #[serde(borrow)]
    bank_name: Cow<'m, str>,
}

#[derive(Deserialize)]
struct Document<'m> {
    id: &'m str,
    r#type: &'m str,
    #[serde(borrow)]
    name: Cow<'m, str>,
    #[serde(borrow)]
    url: Cow<'m, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product<'m> {
    code: &'m str,
    #[serde(borrow)]
    name: Cow<'m, str>,
    term_days: u32,
    rate: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Guarantee<'m> {
    r#type: &'m str,
    purchase_number: &'m str,
    law: &'m str,
    start_date: &'m str,
    end_date: &'m str,
    beneficiary: Beneficiary<'m>,
    #[serde(borrow)]
    subject: Cow<'m, str>,
    amount: f64,
    has_advance: bool,
    advance_percent: Number,
}

#[derive(Deserialize)]
struct Beneficiary<'m> {
    inn: &'m str,
    #[serde(borrow)]
    name: Cow<'m, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'m> {
    payload_type: &'static str,
    originator: &'m str,
    receiver: &'m str,
    correlation_id: &'m str,
    msg_date_time: &'m str,
    payload: OutgoingPayload<'m>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutgoingPayload<'m> {
    loan_request: LoanRequest<'m>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoanRequest<'m> {
    request_id: &'m str,
    request_number: &'m str,
    request_date: String,
    status_code: &'static str,
    amount_minor: i64,
    currency_code: &'static str,
    comment: &'m str,
    channel: &'m str,
    borrower: Borrower<'m>,
    product_info: ProductInfo<'m>,
    bg: Bg<'m>,
    attachments: Vec<Attachment<'m>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Borrower<'m> {
    tax_id: &'m str,
    reg_number: &'m str,
    kpp: &'m str,
    name: &'m str,
    name_upper: String,
    contact_name: String,
    phone: &'m str,
    email: &'m str,
    legal_address: &'m str,
    postal_code: &'m str,
    region: &'m str,
    main_account: &'m str,
    bik: &'m str,
    bank: &'m str,
    beneficial_owners: Vec<&'m Founder<'m>>,
}

#[derive(Serialize)]
struct ProductInfo<'m> {
    code: &'m str,
    name: &'m str,
    term: u32,
    rate: &'m Number,
    title: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bg<'m> {
    kind: &'m str,
    purchase: &'m str,
    law: &'m str,
    valid_from: &'m str,
    valid_to: String,
    ben_inn: &'m str,
    ben_name: &'m str,
    subject: &'m str,
    final_amount_minor: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    advance: Option<&'m Number>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'m> {
    doc_id: &'m str,
    doc_type_code: &'static str,
    file_name: &'m str,
    link: &'m str,
}

fn map<'m>(message: &'m Message<'m>) -> Option<Outgoing<'m>> {
    let deal = &message.payload.deal_application;
    let loan_request = LoanRequest {
        request_id: deal.id,
        request_number: &deal.number,
        request_date: day(deal.create_date_time)?,
        status_code: status(deal.status),
        amount_minor: minor_of(deal.amount),
        currency_code: currency(deal.currency),
        comment: deal.comment.as_ref().map_or("Без комментария", |comment| &comment.0),
        channel: deal.channel.unwrap_or("SITE"),
        borrower: borrower(&deal.client)?,
        product_info: product(&deal.product),
        bg: guarantee(&deal.guarantee)?,
        attachments: deal.documents.iter().map(attachment).collect(),
    };
    Some(Outgoing {
        payload_type: "loanRequest",
        originator: message.receiver,
        receiver: message.originator,
        correlation_id: message.msg_id,
        msg_date_time: message.msg_date_time,
        payload: OutgoingPayload { loan_request },
    })
}

fn borrower<'m>(client: &'m Client<'m>) -> Option<Borrower<'m>> {
    let Contact { last_name, first_name, middle_name, phone, email } = &client.contact;
    let (address, account) = (client.addresses.first()?, client.accounts.first()?);
    let founders = client.founders.iter();
    Some(Borrower {
        tax_id: client.inn,
        reg_number: client.ogrn,
        kpp: client.kpp,
        name: &client.full_name,
        name_upper: client.short_name.to_uppercase(),
        contact_name: [&**last_name, first_name, middle_name].join(" "),
        phone,
        email,
        legal_address: &address.full_address,
        postal_code: address.postal_code,
        region: &address.region,
        main_account: account.number,
        bik: account.bik,
        bank: &account.bank_name,
        beneficial_owners: founders.filter(|founder| founder.share.as_f64() > Some(25.0)).collect(),
    })
}

fn product<'m>(product: &'m Product<'m>) -> ProductInfo<'m> {
    ProductInfo {
        code: product.code,
        name: &product.name,
        term: product.term_days,
        rate: &product.rate,
        title: [product.code, &product.name].join(" / "),
    }
}

fn guarantee<'m>(guarantee: &'m Guarantee<'m>) -> Option<Bg<'m>> {
    Some(Bg {
        kind: guarantee.r#type,
        purchase: guarantee.purchase_number,
        law: guarantee.law,
        valid_from: guarantee.start_date,
        valid_to: day(guarantee.end_date)?,
        ben_inn: guarantee.beneficiary.inn,
        ben_name: &guarantee.beneficiary.name,
        subject: &guarantee.subject,
        final_amount_minor: minor_of(guarantee.amount),
        advance: guarantee.has_advance.then_some(&guarantee.advance_percent),
    })
}

fn attachment<'m>(document: &'m Document<'m>) -> Attachment<'m> {
    Attachment {
        doc_id: document.id,
        doc_type_code: document_type(document.r#type),
        file_name: &document.name,
        link: &document.url,
    }
}

fn day(text: &str) -> Option<String> {
    Some([text.get(8..10)?, text.get(5..7)?, text.get(0..4)?].join("."))
}
