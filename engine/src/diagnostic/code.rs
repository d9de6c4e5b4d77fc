//! Every code a diagnostic can carry.
//!
//! A code is a promise to whoever searches for it: a number is written out here, is never given to
//! another fault, and is not used again when its fault is gone. Each has a help page,
//! `docs/diagnostics/<number>.md`, which `tolmach explain` shows.

/// One row per code: variant, number, title. A family is the hundred its numbers share, and says
/// what they have in common. A code without a page does not compile.
macro_rules! codes {
    ($($hundred:literal $about:literal { $($variant:ident = $number:literal $title:literal,)+ })+) => {
        /// What a diagnostic is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(
                #[doc = concat!("`", $number, "`: ", $title)]
                $variant,
            )+)+
        }

        impl Code {
            /// Every code, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// Every family with what its codes have in common, in the order of the numbers.
            pub const FAMILIES: &'static [(&'static str, &'static str)] = &[$(($hundred, $about),)+];

            /// The code as it is shown and searched for, as `E0201`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $number,)+)+ }
            }

            /// What is wrong whenever this code appears.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $($(Self::$variant => $title,)+)+ }
            }

            /// The first three characters of every code of this one's family, as `E02`.
            #[must_use]
            pub fn family(self) -> &'static str {
                match self { $($(Self::$variant => $hundred,)+)+ }
            }

            /// The help page, in Markdown: what it means, an example, what to do.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $($(Self::$variant => {
                        include_str!(concat!("../../../docs/diagnostics/", $number, ".md"))
                    })+)+
                }
            }
        }
    };
}

codes! {
    "E01" "the text is not the YAML that is read here" {
        YamlSyntax = "E0101" "the text is not valid YAML",
        TabIndent = "E0102" "a line is indented with a tab",
        DuplicateKey = "E0103" "a key is written twice in one mapping",
        UnknownAnchor = "E0104" "an alias names no anchor",
        AliasBudget = "E0105" "aliases copy more than is allowed",
        MergeKey = "E0106" "merge keys are not supported",
        Tag = "E0107" "tags are not supported",
        SeveralDocuments = "E0108" "a file holds more than one document",
        TooDeep = "E0109" "values are nested too deeply",
        FileTooLarge = "E0110" "a file is too large",
        KeyNotScalar = "E0111" "a key is not a plain word",
        EmptyFile = "E0112" "a file holds no document",
        NotUtf8 = "E0113" "a file is not UTF-8 text",
        ControlCharacter = "E0114" "a character is not allowed in YAML",
    }
    "E02" "the document does not have the shape it should have" {
        UnknownKey = "E0201" "a key has no meaning here",
        MissingKey = "E0202" "a required key is missing",
        WrongShape = "E0203" "a value has the wrong shape",
        BadValue = "E0204" "a value is not one of those allowed here",
        ConflictingKeys = "E0205" "two keys exclude each other",
        EmptyValue = "E0206" "a value is empty",
        BadName = "E0207" "a name holds characters that are not allowed",
        MisplacedFile = "E0208" "a file does not belong where it is",
        PartnerMismatch = "E0209" "a contract names another partner than its folder",
        BadTargetPath = "E0210" "a target path is not valid",
        OverlappingTargets = "E0211" "two rules write to the same target",
        UselessKey = "E0212" "a key has no effect here",
        MissingFile = "E0213" "a file that is needed is missing",
        OutOfRange = "E0214" "a number is outside its allowed range",
        TooMany = "E0215" "there are more entries than is allowed",
    }
    "E03" "a name refers to nothing, or to two things" {
        UnknownChannel = "E0302" "there is no such channel",
        UnknownEndpoint = "E0303" "there is no such endpoint",
        UnknownMessageType = "E0304" "there is no such message type",
        UnknownTable = "E0305" "there is no such code table",
        UnknownRecord = "E0306" "there is no such record",
        UnknownSetting = "E0307" "there is no such setting",
        UnknownSchema = "E0308" "there is no such schema",
        UnknownScript = "E0309" "there is no such script",
        UnknownAuth = "E0310" "there is no such auth",
        UnknownColumn = "E0311" "there is no such column in the code table",
        UnknownField = "E0312" "there is no such field in the record",
        UnknownMapping = "E0314" "there is no such shared mapping",
        DuplicateName = "E0320" "a name is defined twice",
        DuplicatePath = "E0321" "two channels listen on the same path",
        DuplicateRoute = "E0322" "two routes take the same messages",
        DuplicateAnswer = "E0323" "two routes answer the same messages",
        UnusedName = "E0330" "a definition is never used",
        UnroutedMessage = "E0331" "no route takes a message type",
        SecretExposed = "E0332" "a secret setting is used where it would be shown",
    }
    "E04" "an expression cannot be compiled" {
        ExpressionSyntax = "E0401" "an expression is not valid",
        UnknownFunction = "E0402" "there is no such function",
        WrongArity = "E0403" "a function is called with the wrong number of arguments",
        WrongArgument = "E0404" "an argument has the wrong type",
        ConstantArgument = "E0405" "an argument must be a constant",
        PathNotInSchema = "E0406" "a path is not in the schema",
        ExpressionTooLong = "E0407" "an expression is too long",
        ExpressionTooDeep = "E0408" "an expression is nested too deeply",
        BadDateFormat = "E0409" "a date format is not valid",
        BadPattern = "E0410" "a pattern is not valid",
        FunctionNotHere = "E0411" "a function cannot be used here",
        TypeNotInSchema = "E0412" "a value cannot have the type that is needed",
        UnknownTimeZone = "E0413" "there is no such time zone",
        RequiredTargetMissing = "E0414" "no rule fills a target the schema requires",
        TargetNotInSchema = "E0415" "a target path is not in the schema",
    }
    "E05" "a code table is incomplete or contradicts itself" {
        UncoveredCode = "E0501" "a value has no row in the code table",
        CodeNotInEnum = "E0502" "a row names a value that is not in the enumeration",
        AmbiguousReverse = "E0503" "two rows translate back to different codes",
        DuplicateRow = "E0504" "a code has two rows",
        UnevenColumns = "E0505" "a row has more or fewer cells than the header",
        UnreachableRow = "E0506" "a row can never be used",
        BadUnknownPolicy = "E0507" "the policy for unknown codes is not valid",
        BadRows = "E0508" "a file of rows is not valid CSV or JSON",
    }
    "E06" "a schema cannot be used" {
        BadSchema = "E0601" "a schema is not valid",
        SchemaNotJson = "E0602" "a schema is not valid JSON",
        UnresolvedReference = "E0603" "a reference in a schema leads nowhere",
        BadEnumPointer = "E0604" "a pointer does not lead to an enumeration",
        RemoteReference = "E0605" "a schema refers to another machine",
        UnknownFormat = "E0606" "a schema uses a format that is not checked",
        BadSchemaPattern = "E0607" "a pattern in a schema cannot be used",
        SchemaTooDeep = "E0608" "a schema is nested too deeply",
    }
    "E07" "a script cannot be compiled" {
        ScriptSyntax = "E0701" "a script is not valid",
        UnknownScriptFunction = "E0702" "there is no such function in the script",
        ScriptArity = "E0703" "a script function takes another number of arguments",
        ScriptTooLarge = "E0704" "a script is too large",
        ScriptForbidden = "E0705" "a script uses something that is not allowed",
        ScriptTopLevel = "E0706" "a script holds statements outside its functions",
    }
    "E08" "a setting or the environment is wrong" {
        UnsetVariable = "E0801" "an environment variable is not set",
        BadUrl = "E0802" "a URL is not valid",
        BadDuration = "E0803" "a duration is not valid",
        BadSize = "E0804" "a size is not valid",
        BadAddress = "E0805" "a network address is not valid",
        ForbiddenDestination = "E0806" "a destination is not allowed",
        BadSettingValue = "E0808" "a setting has a value that cannot be used",
    }
    "E09" "a flow does not go as it says" {
        Unmet = "E0901" "what was expected did not come",
    }
}

/// Numbers whose faults are gone; nothing else may carry them.
#[cfg(test)]
const RETIRED: [&str; 4] = ["E0301", "E0313", "E0807", "E0809"];

impl Code {
    /// The code of a number as a person types it: `E0201`, `e0201`, `0201` or `201`.
    #[must_use]
    pub fn find(typed: &str) -> Option<Self> {
        let digits = typed.strip_prefix(['e', 'E']).unwrap_or(typed);
        let number = format!("E{digits:0>4}");
        Self::ALL.iter().copied().find(|code| code.as_str() == number)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_well_formed_unique_and_in_order() {
        let numbers: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(numbers.is_sorted_by(|left, right| left < right), "{numbers:?}");
        for code in Code::ALL {
            let number = code.as_str();
            assert!(number.len() == 5 && number.starts_with(code.family()), "{number}");
            assert!(number.bytes().skip(1).all(|byte| byte.is_ascii_digit()), "{number}");
        }
    }

    #[test]
    fn a_number_is_not_used_again() {
        assert!(Code::ALL.iter().all(|code| !RETIRED.contains(&code.as_str())));
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        for typed in ["E0201", "e0201", "0201", "201"] {
            assert_eq!(Code::find(typed), Some(Code::UnknownKey), "{typed}");
        }
        for typed in ["", "E", "E9999", "E02010", "key", "ё0201"] {
            assert_eq!(Code::find(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_page_begins_with_its_code_and_title() {
        for code in Code::ALL {
            let first = format!("# {code}: {}\n\n", code.title());
            assert!(code.page().starts_with(&first), "{}.md does not begin with {first:?}", code);
        }
    }

    #[test]
    fn titles_are_unique() {
        let mut titles: Vec<&str> = Code::ALL.iter().map(|code| code.title()).collect();
        titles.sort_unstable();
        assert!(titles.windows(2).all(|pair| pair.first() != pair.last()), "{titles:?}");
    }
}
