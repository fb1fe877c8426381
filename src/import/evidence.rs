//! The evidence that stands beside a record: `"evidence": […]`.

use serde_json::{Map, Value as Json};

use crate::evidence::{Material, MaterialError, MaterialKind};

/// Reads a list whose items are each: a text, which is a file's content; or the JSON of such a file; or `{"kind", "text"}`,
/// for what is not told by its content, such as an output. Else why it is refused.
pub(super) fn read(value: &Json) -> Result<Vec<Material>, String> {
    let items = value.as_array().ok_or("expected a list")?;
    let one = |(item, number): (&Json, usize)| {
        #[cfg(feature = "evidence")]
        let said = |piece: &Material| match piece.kind() {
            MaterialKind::Statement => {
                let read = crate::evidence::statement::Statement::from_json(piece.bytes());
                read.map(drop).map_err(|error| format!("item {number}: {error}"))
            }
            _ => Ok(()),
        };
        #[cfg(not(feature = "evidence"))]
        let said = |_: &Material| Ok(());
        let failed = |error: MaterialError| format!("item {number}: {error}");
        let piece = match item {
            Json::String(text) => Material::recognise(text.as_bytes()).map_err(failed),
            Json::Object(members) => match named(members) {
                Some((kind, text)) => Material::new(kind, text.as_bytes().to_vec()).map_err(failed),
                None => match Material::recognise(item.to_string().as_bytes()).map_err(failed)? {
                    // Its bytes are what was hashed, and here they are written anew.
                    request if request.kind() == MaterialKind::Request => {
                        Err(format!("item {number}: the bytes of a request have to stand in a text"))
                    }
                    piece => Ok(piece),
                },
            },
            _ => Err(format!("item {number}: expected a text or an object")),
        }?;
        said(&piece).map(|()| piece)
    };
    items.iter().zip(1..).map(one).collect()
}

/// The kind and text of an item that says both, and nothing else.
fn named(members: &Map<String, Json>) -> Option<(MaterialKind, &str)> {
    let kind = MaterialKind::from_name(members.get("kind")?.as_str()?)?;
    let text = members.get("text")?.as_str()?;
    (members.len() == 2).then_some((kind, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(json: &str) -> Result<Vec<MaterialKind>, String> {
        let value: Json = serde_json::from_str(json).unwrap();
        read(&value).map(|all| all.iter().map(Material::kind).collect())
    }

    #[test]
    fn an_item_is_a_text_an_object_or_says_its_kind() {
        let json = r#"["PAYMENT-RESPONSE: e30=", {"by": "me"}, {"kind": "output", "text": "Hello!"}]"#;
        let expected = vec![MaterialKind::Headers, MaterialKind::Statement, MaterialKind::Output];
        assert_eq!(kinds(json), Ok(expected));
        assert_eq!(kinds("[]"), Ok(vec![]));
        for (json, why) in [
            ("{}", "expected a list"),
            ("[1]", "item 1: expected a text or an object"),
            (r#"[{"model": "m", "messages": []}]"#, "item 1: the bytes of a request have to stand in a text"),
            (r#"[{"by": "me"}, "Hello!"]"#, "item 2: it is no kind of evidence that is known"),
            (r#"[{"kind": "output", "text": ""}]"#, "item 1: it is empty"),
            (r#"[{"kind": "proof of work", "text": "1"}]"#, "item 1: it is no kind of evidence that is known"),
        ] {
            assert_eq!(kinds(json), Err(why.to_owned()), "{json}");
        }
    }
}
