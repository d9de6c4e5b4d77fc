//! The messages of the job: a deal with its client, documents and guarantee. All values are invented, and the same seed
//! gives the same bytes.

use uuid::Builder;

use crate::Failure;

/// How large a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub documents: usize,
    pub founders: usize,
    pub addresses: usize,
    pub accounts: usize,
}

/// The sizes by name.
pub const SIZES: [(&str, Shape); 3] = [
    ("2k", Shape { documents: 2, founders: 1, addresses: 1, accounts: 1 }),
    ("20k", Shape { documents: 50, founders: 22, addresses: 12, accounts: 10 }),
    ("200k", Shape { documents: 520, founders: 240, addresses: 110, accounts: 100 }),
];

/// The sizes of these names, or all.
///
/// # Errors
/// There is no such size.
pub fn sizes(names: &[String]) -> Result<Vec<(&'static str, Shape)>, Failure> {
    if let Some(unknown) = names.iter().find(|name| SIZES.iter().all(|(size, _)| size != name)) {
        return Err(format!("there is no size `{unknown}`; there are 2k, 20k and 200k").into());
    }
    let wanted = |(size, _): &(&str, Shape)| names.is_empty() || names.iter().any(|name| name == size);
    Ok(SIZES.into_iter().filter(wanted).collect())
}

const TITLES: [(&str, &str); 6] = [
    ("CHARTER", "Устав компании"),
    ("PASSPORT", "Паспорт директора"),
    ("BALANCE", "Баланс за год"),
    ("CONTRACT", "Договор подряда"),
    ("ORDER", "Приказ о приёме"),
    ("ANKETA", "Анкета заёмщика"),
];
const LAST: [&str; 6] = ["Ёлкин", "Берёзов", "Соснов", "Кленов", "Дубов", "Липов"];
const FIRST: [&str; 5] = ["Артём", "Семён", "Глеб", "Роман", "Павел"];
const MIDDLE: [&str; 4] = ["Романович", "Павлович", "Глебович", "Артёмович"];
const CITIES: [&str; 5] = ["Тверь", "Нижний Новгород", "Псков", "Калининград", "Архангельск"];
const STATUSES: [&str; 7] = ["NEW", "IN_PROGRESS", "APPROVED", "REJECTED", "ISSUED", "CANCELLED", "FROZEN"];
const SHARES: [&str; 5] = ["60.5", "31.25", "14.5", "7", "28"];

impl Shape {
    /// So many times as much of all that there may be more of.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        let Self { documents, founders, addresses, accounts } = self;
        Self {
            documents: documents * times,
            founders: founders * times,
            addresses: addresses * times,
            accounts: accounts * times,
        }
    }
}

/// Messages that are measured together.
#[derive(Debug, Clone)]
pub struct Set {
    /// The size, or the file.
    pub name: String,
    pub messages: Vec<Vec<u8>>,
}

impl Set {
    /// As many generated messages of a size.
    #[must_use]
    pub fn generated(name: &str, shape: Shape, count: u64) -> Self {
        Self { name: name.to_owned(), messages: (0..count).map(|seed| message(seed, shape)).collect() }
    }

    /// The mean length of a message.
    #[must_use]
    pub fn mean_bytes(&self) -> usize {
        self.messages.iter().map(Vec::len).sum::<usize>() / self.messages.len().max(1)
    }
}

/// One message in JSON without blanks. A few members are in some messages only.
#[must_use]
pub fn message(seed: u64, shape: Shape) -> Vec<u8> {
    let mut random = Random(seed);
    let deal = random.deal(shape);
    let (id, second) = (random.id(), random.digits(2));
    format!(
        r#"{{"payloadType":"dealApplication","originator":"SITE_DEALS","receiver":"BANK_FRONT","msgId":"{id}","msgDateTime":"2026-05-14T08:41:{second}.507+03:00","payload":{{"dealApplication":{deal}}}}}"#
    )
    .into_bytes()
}

/// SplitMix64: what matters is that it stays the same.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap_or_default()]
    }

    /// The first digit is between 1 and 5: the number is also a minute or a second.
    fn digits(&mut self, count: usize) -> String {
        let first = 1 + self.below(5);
        std::iter::once(first)
            .chain((1..count).map(|_| self.below(10)))
            .map(|digit| digit.to_string())
            .collect()
    }

    fn id(&mut self) -> String {
        let bytes = (u128::from(self.next()) << 64) | u128::from(self.next());
        Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid().to_string()
    }

    fn person(&mut self) -> [&'static str; 3] {
        [self.one(&LAST), self.one(&FIRST), self.one(&MIDDLE)]
    }

    /// An array in JSON of `count` elements.
    fn array(&mut self, count: usize, element: fn(&mut Self, usize) -> String) -> String {
        let elements: Vec<String> = (0..count).map(|at| element(self, at)).collect();
        format!("[{}]", elements.join(","))
    }

    fn deal(&mut self, shape: Shape) -> String {
        let (id, number, status) = (self.id(), self.digits(6), self.one(&STATUSES));
        let (roubles, kopecks) = (self.digits(7), self.one(&["", ".5", ".45", ".07"]));
        let comment = self.one(&["", "", "", r#","comment":"Срочно: клиент ждёт «сегодня»""#]);
        let channel = self.one(&["", "", "", r#","channel":"BRANCH""#]);
        let client = self.client(shape);
        let documents = self.array(shape.documents, Self::document);
        let guarantee = self.guarantee();
        format!(
            r#"{{"id":"{id}","number":"ГР-2026/{number}","createDateTime":"2026-05-13T17:05:31.000+03:00","status":"{status}","amount":{roubles}{kopecks},"currency":"RUB"{comment}{channel},"client":{client},"documents":{documents},"product":{{"code":"GR15","name":"Гарантия исполнения","termDays":270,"rate":3.15}},"guarantee":{guarantee}}}"#
        )
    }

    fn client(&mut self, shape: Shape) -> String {
        let [last, first, middle] = self.person();
        let (inn, ogrn, kpp, phone) = (self.digits(10), self.digits(13), self.digits(9), self.digits(7));
        let addresses = self.array(shape.addresses, Self::address);
        let founders = self.array(shape.founders, Self::founder);
        let accounts = self.array(shape.accounts, Self::account);
        format!(
            r#"{{"inn":"{inn}","ogrn":"{ogrn}","kpp":"{kpp}","fullName":"Акционерное общество с долгой историей «Северный ветер»","shortName":"АО «Северный ветер»","contact":{{"lastName":"{last}","firstName":"{first}","middleName":"{middle}","phone":"+7495{phone}","email":"office@wind.example"}},"addresses":{addresses},"founders":{founders},"accounts":{accounts}}}"#
        )
    }

    fn address(&mut self, at: usize) -> String {
        let kind = ["LEGAL", "FACT", "POST"][at % 3];
        let (city, code, house) = (self.one(&CITIES), self.digits(6), 1 + self.below(120));
        format!(
            r#"{{"type":"{kind}","postalCode":"{code}","region":"г. {city}","city":"{city}","street":"ул. Мира","house":"{house}","fullAddress":"{code}, г. {city}, ул. Мира, д. {house}, офис № 12"}}"#
        )
    }

    fn founder(&mut self, at: usize) -> String {
        let kind = if at.is_multiple_of(3) { "LEGAL" } else { "PERSON" };
        let ([last, first, middle], inn, share) = (self.person(), self.digits(12), SHARES[at % SHARES.len()]);
        format!(r#"{{"type":"{kind}","fullName":"{last} {first} {middle}","inn":"{inn}","share":{share}}}"#)
    }

    fn account(&mut self, at: usize) -> String {
        let (number, main) = (self.digits(12), at == 0);
        format!(
            r#"{{"number":"40702810{number}","bik":"044000111","bankName":"ПАО «Банк Полярный круг»","currency":"RUB","isMain":{main}}}"#
        )
    }

    fn document(&mut self, at: usize) -> String {
        let (kind, title) = TITLES[at % TITLES.len()];
        let (id, file, size, number) = (self.id(), self.id(), 10_000 + self.below(5_000_000), at + 1);
        format!(
            r#"{{"id":"{id}","type":"{kind}","name":"{title} № {number}.pdf","url":"https://files.deals.example/api/v2/storage/{file}","size":{size}}}"#
        )
    }

    fn guarantee(&mut self) -> String {
        let (purchase, inn, amount) = (self.digits(19), self.digits(10), self.digits(5));
        let advance = self.one(&[true, true, true, false]);
        format!(
            r#"{{"type":"EXECUTION","purchaseNumber":"{purchase}","law":"44-ФЗ","startDate":"2026-06-01","endDate":"2027-02-28","beneficiary":{{"inn":"{inn}","name":"ГКУ «Дирекция мостов»"}},"subject":"Работы по ремонту моста\nчерез реку \"Тихая\"","amount":{amount}.4,"hasAdvance":{advance},"advancePercent":20}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_they_are_called() {
        for ((name, shape), bytes) in SIZES.into_iter().zip([2_000, 20_000, 200_000]) {
            let message = message(1, shape);
            assert!(message.len().abs_diff(bytes) < bytes / 7, "{name}: {} bytes", message.len());
            assert_eq!(message, super::message(1, shape));
        }
    }
}
