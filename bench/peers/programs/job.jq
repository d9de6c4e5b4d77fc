def status: {NEW: "01", IN_PROGRESS: "02", APPROVED: "03", REJECTED: "04", ISSUED: "05", CANCELLED: "06"}[.] // "99";
def currency: {RUB: "643", USD: "840", EUR: "978", CNY: "156"}[.] // "000";
def document: {CHARTER: "D001", PASSPORT: "D002", BALANCE: "D003", CONTRACT: "D004", ORDER: "D005", ANKETA: "D006"}[.] // "D999";
def day: .[8:10] + "." + .[5:7] + "." + .[0:4];
def minor_units: . * 100 | round;
# jq itself has upper case for ASCII only.
def upper: explode | map(if (. >= 97 and . <= 122) or (. >= 1072 and . <= 1103) then . - 32 elif . == 1105 then 1025 else . end) | implode;

def borrower: {
  taxId: .inn,
  regNumber: .ogrn,
  kpp,
  name: .fullName,
  nameUpper: (.shortName | upper),
  contactName: (.contact | [.lastName, .firstName, .middleName] | join(" ")),
  phone: .contact.phone,
  email: .contact.email,
  legalAddress: .addresses[0].fullAddress,
  postalCode: .addresses[0].postalCode,
  region: .addresses[0].region,
  mainAccount: .accounts[0].number,
  bik: .accounts[0].bik,
  bank: .accounts[0].bankName,
  beneficialOwners: [.founders[] | select(.share > 25)]
};

def guarantee: {
  kind: .type,
  purchase: .purchaseNumber,
  law,
  validFrom: .startDate,
  validTo: (.endDate | day),
  benInn: .beneficiary.inn,
  benName: .beneficiary.name,
  subject,
  finalAmountMinor: (.amount | minor_units)
} + if .hasAdvance then {advance: .advancePercent} else {} end;

{
  payloadType: "loanRequest",
  originator: .receiver,
  receiver: .originator,
  correlationId: .msgId,
  msgDateTime,
  payload: {loanRequest: (.payload.dealApplication | {
    requestId: .id,
    requestNumber: .number,
    requestDate: (.createDateTime | day),
    statusCode: (.status | status),
    amountMinor: (.amount | minor_units),
    currencyCode: (.currency | currency),
    comment: (.comment // "Без комментария"),
    channel: (.channel // "SITE"),
    borrower: (.client | borrower),
    productInfo: (.product | {code, name, term: .termDays, rate, title: (.code + " / " + .name)}),
    bg: (.guarantee | guarantee),
    attachments: [.documents[] | {docId: .id, docTypeCode: (.type | document), fileName: .name, link: .url}]
  })}
}
