//! Configuration folders in a place of their own.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Partner;

/// A shop that sends orders and notes; who calls is not asked.
const SHOP: &str = "
partner: shop
channels:
  orders:
    post: /orders
    auth: none
    message: type
    messages: {Order: null, Note: null}
    id: id
    key: customer
";

/// A bank that takes orders, and notices of what became of them.
const BANK: &str = "
partner: bank
settings: {url: \"$URL\"}
records: {order: {key: id, unique: [number]}}
endpoints:
  notices: {post: \"{url}/notices\"}
  orders:
    post: \"{url}/orders\"
";

/// How an order goes to the bank.
const ROUTE: &str = "
receive: shop/orders
message: Order
answer: {map: {taken: id}}
send: bank/orders
map: {id: id, amount: amount}
";

/// A folder that goes away with the test. Its database lies beside the files.
pub struct Folder {
    place: TempDir,
    store: PathBuf,
}

impl Folder {
    pub fn empty() -> Self {
        let place = tempfile::tempdir().unwrap();
        let store = place.path().join("tolmach.db");
        Self { place, store }
    }

    /// A shop whose orders go to `bank`.
    pub fn orders(bank: &Partner) -> Self {
        let contract = BANK.replace("$URL", &bank.url());
        Self::empty()
            .file("mappings/shop/partner.yaml", SHOP)
            .file("mappings/bank/partner.yaml", &contract)
            .file("mappings/bank/order.yaml", ROUTE)
    }

    /// Adds keys to the shop's channel.
    pub fn channel(self, keys: &str) -> Self {
        self.append("mappings/shop/partner.yaml", &indented(keys))
    }

    /// Adds keys to the bank's endpoint for orders.
    pub fn endpoint(self, keys: &str) -> Self {
        self.append("mappings/bank/partner.yaml", &indented(keys))
    }

    /// Adds sections to the bank's contract; after [`Self::endpoint`].
    pub fn contract(self, sections: &str) -> Self {
        self.append("mappings/bank/partner.yaml", sections)
    }

    /// Adds keys to the route.
    pub fn route(self, keys: &str) -> Self {
        self.append("mappings/bank/order.yaml", keys)
    }

    /// Tries an order again and again, without much waiting.
    pub fn patient(self) -> Self {
        self.endpoint("retry: {attempts: 1000, first: 20ms, max: 20ms}")
    }

    fn append(self, path: &str, text: &str) -> Self {
        let before = std::fs::read_to_string(self.path().join(path)).unwrap();
        self.file(path, &format!("{before}{text}\n"))
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The files of a shipped partner as they are, without its sandbox.
    pub fn pack(mut self, partner: &str) -> Self {
        for below in ["mappings", "schemas"] {
            let place = Path::new(below).join(partner);
            for entry in std::fs::read_dir(Self::shipped().join(&place)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let text = std::fs::read_to_string(&path).unwrap();
                    self = self.file(place.join(path.file_name().unwrap()).to_str().unwrap(), &text);
                }
            }
        }
        self
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    pub fn store(&self) -> PathBuf {
        self.store.clone()
    }

    /// The database lies elsewhere.
    pub fn storing_at(mut self, store: &Path) -> Self {
        self.store = store.to_owned();
        self.file("tolmach.yaml", &format!("store: {}\n", store.display()))
    }

    /// The folder of this repository, with the packs that are shipped.
    pub fn shipped() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
    }
}

/// As the keys of a channel or an endpoint stand.
fn indented(keys: &str) -> String {
    keys.lines().map(|line| format!("    {line}\n")).collect()
}
