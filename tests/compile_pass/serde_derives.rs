//! `Serialize` and `Deserialize` of the prelude write and read what the derives of serde do, for items of every form.

use std::collections::BTreeMap;

use neurobench::prelude::*;

/// Options of serde, an `Option` of the type itself, and helper attributes of other derives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Node {
    node_name: String,
    #[serde(skip)]
    cache: Option<u8>,
    next: Option<Box<Self>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair<T, const N: usize = 2>(T, [u8; 2])
where
    T: Clone;

/// Not `Default`, not `Clone`; serialized as another type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "u8")]
struct Digit {
    digit: u8,
}

impl TryFrom<u8> for Digit {
    type Error = String;

    fn try_from(digit: u8) -> Result<Self, String> {
        if digit < 10 { Ok(Self { digit }) } else { Err(format!("{digit} is not a digit")) }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    #[default]
    FirstKind,
    SecondKind {
        r#type: u64,
    },
}

#[derive(Serialize)]
struct Borrowed<'a> {
    text: &'a str,
}

/// The crate may be named, as it is by code that macros generate.
#[derive(Serialize, Deserialize)]
#[serde(crate = "neurobench::__private::serde", transparent)]
struct Named {
    map: BTreeMap<String, f64>,
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn main() {
    let node = Node { node_name: "a".into(), cache: Some(1), next: Some(Box::default()) };
    assert_eq!(text(&node), r#"{"nodeName":"a","next":{"nodeName":"","next":null}}"#);
    assert_eq!(serde_json::from_str::<Node>(&text(&node)).unwrap(), Node { cache: None, ..node });
    let error = serde_json::from_str::<Node>(r#"{"name":1}"#).unwrap_err().to_string();
    assert!(error.starts_with("unknown field `name`, expected `nodeName` or `next`"), "{error}");

    let pair: Pair<f64> = Pair(0.5, [1, 2]);
    assert_eq!(text(&pair), "[0.5,[1,2]]");
    assert_eq!(serde_json::from_str::<Pair<f64>>("[0.5,[1,2]]").unwrap(), pair);

    assert_eq!(serde_json::from_str::<Digit>("7").unwrap(), Digit { digit: 7 });
    assert_eq!(serde_json::from_str::<Digit>("10").unwrap_err().to_string(), "10 is not a digit");
    assert_eq!(text(&Digit { digit: 7 }), r#"{"digit":7}"#);

    assert_eq!(text(&Kind::SecondKind { r#type: 3 }), r#"{"kind":"second_kind","type":3}"#);
    assert_eq!(serde_json::from_str::<Kind>(r#"{"kind":"first_kind"}"#).unwrap(), Kind::default());

    assert_eq!(text(&Borrowed { text: "t" }), r#"{"text":"t"}"#);
    assert_eq!(serde_json::from_str::<Named>(r#"{"a":1.0}"#).map(|named| text(&named)).unwrap(), r#"{"a":1.0}"#);

    // A type of a function body has no path outside of it.
    #[derive(Serialize)]
    struct Local {
        value: u8,
    }
    assert_eq!(text(&Local { value: 1 }), r#"{"value":1}"#);
}
