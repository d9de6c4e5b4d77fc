//! Many partners, each with ten routes.

use engine::{Bundle, File};

/// Routes of one partner.
const ROUTES: usize = 10;

const ROUTE: &str = "\
title: An order goes to the partner
receive: {CHANNEL}
message: order{AT}
{WHEN}send: orders
map:
  externalId: order.number
  kind: theirs('product', order.product)
  amount: {from: minor_units(order.amount), required: true}
  until: date(order.until, '%d.%m.%Y')
  comment: {from: order.comment, default: Без комментария}
  client: {with: order.client, map: {inn: inn, name: upper(name), contact: \"join(' ', [last, first])\"}}
  documents: {each: \"order.documents[?type != 'DRAFT']\", map: {id: id, kind: type, name: name}}
";

const CODES: &str = "\
product:
  rows: {\"110\": GUARANTEE, \"120\": LOAN, \"130\": LEASING}
  unknown: {theirs: \"999\"}
";

/// How messages reach the routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Every partner's routes have a channel of their own.
    Own,
    /// All routes receive from one channel; `when` tells whose a message is.
    Shared,
}

/// So many partners.
#[derive(Debug, Clone, Copy)]
pub struct Partners {
    pub count: usize,
    pub way: Way,
}

impl Partners {
    /// How many routes they have together.
    #[must_use]
    pub fn routes(&self) -> usize {
        self.count * ROUTES
    }

    /// Their files.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        let mut files: Vec<File> = (0..self.count).flat_map(|at| self.partner(at)).collect();
        if self.way == Way::Shared {
            let contract = format!("partner: hub\ntitle: A marketplace\n{}", channel("hub"));
            files.push(file("mappings/hub/partner.yaml", contract));
        }
        Bundle::from_iter(files)
    }

    /// The channel that [`message`](Self::message) comes over: of the last partner, where each has its own.
    #[must_use]
    pub fn channel(&self) -> String {
        match self.way {
            Way::Own => format!("{}/inbox", name(self.count - 1)),
            Way::Shared => "hub/inbox".to_owned(),
        }
    }

    /// A message for the last route of the last partner.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let (receiver, last) = (name(self.count - 1), ROUTES - 1);
        format!(
            r#"{{"id":"m-1","type":"order{last}","receiver":"{receiver}","order":{{"number":"A-17","product":"LOAN","amount":1250000.5,"until":"2027-04-01","client":{{"inn":"7700000000","name":"ООО «Северный ветер»","last":"Ёлкин","first":"Глеб"}},"documents":[{{"id":"d1","type":"CHARTER","name":"Устав.pdf"}},{{"id":"d2","type":"DRAFT","name":"Черновик.pdf"}},{{"id":"d3","type":"BALANCE","name":"Баланс за год.pdf"}}]}}}}"#
        )
        .into_bytes()
    }

    fn partner(&self, at: usize) -> Vec<File> {
        let name = name(at);
        let (receive, when, channels) = match self.way {
            Way::Own => ("inbox", String::new(), channel(&name)),
            Way::Shared => ("hub/inbox", format!("when: receiver == '{name}'\n"), String::new()),
        };
        let contract = format!(
            "partner: {name}\ntitle: Partner {at}\n{channels}endpoints:\n  orders: {{post: \"https://{name}.example/orders\", auth: none}}\n"
        );
        let route = |at: usize| {
            let text =
                ROUTE.replace("{CHANNEL}", receive).replace("{AT}", &at.to_string()).replace("{WHEN}", &when);
            file(&format!("mappings/{name}/order{at}.yaml"), text)
        };
        let contract = file(&format!("mappings/{name}/partner.yaml"), contract);
        let codes = file(&format!("mappings/{name}/codes.yaml"), CODES.to_owned());
        [contract, codes].into_iter().chain((0..ROUTES).map(route)).collect()
    }
}

fn name(at: usize) -> String {
    format!("partner{at:04}")
}

fn channel(partner: &str) -> String {
    let messages: Vec<String> = (0..ROUTES).map(|at| format!("order{at}: null")).collect();
    format!(
        "channels:\n  inbox:\n    post: /{partner}/in\n    auth: none\n    message: type\n    messages: {{{}}}\n    id: id\n    key: order.number\n",
        messages.join(", ")
    )
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), bytes: text.into_bytes() }
}
