//! What `docs/evidence.md` shows is read as it stands there.

use stillgood::attestation::CodeList;
use stillgood::statement::Statement;
use stillgood::{BoxKind, Material, MaterialKind};

use crate::support::file;

#[test]
fn the_page_shows_a_statement_and_a_list_of_code_that_are_read() {
    let page = std::fs::read_to_string(file("docs/evidence.md")).unwrap();
    let blocks: Vec<&str> = page.split("```json\n").skip(1).map(|after| after.split("```").next().unwrap()).collect();
    let [statement, list] = blocks[..] else { panic!("{} blocks", blocks.len()) };
    assert_eq!(Material::recognise(statement.as_bytes()).unwrap().kind(), MaterialKind::Statement);
    let said = Statement::from_json(statement.as_bytes()).unwrap();
    assert!(said.mode.is_some() && said.settlement.is_some() && said.payment.is_some() && said.route.is_some());
    assert!(said.artifact.is_some() && said.code.is_some());
    let data = said.data.unwrap();
    assert_eq!(data.fresh_until().unwrap().since(data.fetched_at.unwrap()).to_string(), "6 hours");
    assert_eq!(CodeList::from_json(list.as_bytes()).unwrap().0.len(), 1);
}

#[test]
fn the_page_names_every_box_and_every_kind_of_piece() {
    let page = std::fs::read_to_string(file("docs/evidence.md")).unwrap();
    for kind in BoxKind::ALL {
        assert!(page.contains(&format!("\n| {} |", kind.name())), "{}", kind.name());
    }
    for kind in MaterialKind::ALL {
        let name = kind.name().replace('-', " ");
        assert!(page.contains(&format!("\n| {name} |")) || *kind == MaterialKind::Output, "{name}");
    }
}
