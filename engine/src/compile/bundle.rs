//! The files of a configuration, kept by whose they are.

use std::collections::BTreeMap;
use std::sync::Arc;

/// All files of a configuration, as they were read. A copy shares them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    partners: BTreeMap<String, Arc<Files>>,
}

/// One file; `path` is relative to the configuration's folder, with `/`.
#[derive(Debug, Clone)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The files of one partner by their paths, its schemas too; those of no partner under an empty name.
pub(super) type Files = BTreeMap<Arc<str>, Text>;

/// What is in a file, or as much of it as is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub text: Arc<str>,
    /// Whether that is all of it.
    pub whole: bool,
}

/// What a path says.
pub(super) enum Placed<'p> {
    /// A file of a partner: `mappings/goodfin/inbox.yaml` is goodfin's, `mappings/goodfin/sandbox/inbox.yaml` is
    /// goodfin-sandbox's.
    Mapping {
        partner: String,
        stem: &'p str,
        extension: &'p str,
    },
    /// `schemas/goodfin/common.json` is goodfin/common.
    Schema(&'p str),
    Nowhere,
}

impl Bundle {
    pub fn insert(&mut self, file: File) {
        let files = self.partners.entry(owner(&file.path)).or_default();
        Arc::make_mut(files).insert(file.path.into(), Text::of(file.bytes));
    }

    /// All of whom there is a file.
    pub fn partners(&self) -> impl Iterator<Item = &str> {
        self.partners.keys().map(String::as_str)
    }

    /// The path of every file with its text, or as much of it as is text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.partners.values().flat_map(|files| files.iter());
        files.map(|(path, text)| (&**path, &*text.text))
    }

    /// Whether the other one has the same files of a partner.
    #[must_use]
    pub fn agrees(&self, other: &Self, partner: &str) -> bool {
        self.partners.get(partner) == other.partners.get(partner)
    }

    /// Takes the files of a partner from another bundle, and has no others of it.
    pub fn take(&mut self, partner: &str, other: &Self) {
        match other.partners.get(partner) {
            Some(files) => drop(self.partners.insert(partner.to_owned(), Arc::clone(files))),
            None => drop(self.partners.remove(partner)),
        }
    }

    /// Keeps one copy of all that an earlier bundle has too.
    pub fn share(&mut self, earlier: &Self) {
        for (partner, files) in &mut self.partners {
            let Some(known) = earlier.partners.get(partner) else { continue };
            if files == known {
                *files = Arc::clone(known);
                continue;
            }
            for (path, text) in Arc::make_mut(files) {
                if let Some(known) = known.get(path).filter(|known| *known == text) {
                    *text = known.clone();
                }
            }
        }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &Arc<Files>)> {
        self.partners.iter().map(|(partner, files)| (partner.as_str(), files))
    }
}

impl FromIterator<File> for Bundle {
    fn from_iter<I: IntoIterator<Item = File>>(files: I) -> Self {
        let mut bundle = Self::default();
        files.into_iter().for_each(|file| bundle.insert(file));
        bundle
    }
}

impl Text {
    fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text: text.into(), whole: true },
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default());
                Self { text: text.into(), whole: false }
            }
        }
    }
}

impl<'p> Placed<'p> {
    pub fn of(path: &'p str) -> Self {
        let schema = path.strip_prefix("schemas/").and_then(|path| path.strip_suffix(".json"));
        schema.map(Self::Schema).or_else(|| Self::mapping(path)).unwrap_or(Self::Nowhere)
    }

    fn mapping(path: &'p str) -> Option<Self> {
        let (folder, file) = path.strip_prefix("mappings/")?.rsplit_once('/')?;
        let (stem, extension) = file.rsplit_once('.')?;
        let partner = match folder.split_once('/') {
            None => folder.to_owned(),
            Some((partner, "sandbox")) => format!("{partner}-sandbox"),
            Some(_) => return None,
        };
        Some(Self::Mapping { partner, stem, extension })
    }
}

/// The partner whose a file is: of a schema the one whose name its folder has.
pub(crate) fn owner(path: &str) -> String {
    match Placed::of(path) {
        Placed::Mapping { partner, .. } => partner,
        Placed::Schema(name) => name.split_once('/').map_or("", |(folder, _)| folder).to_owned(),
        Placed::Nowhere => String::new(),
    }
}
