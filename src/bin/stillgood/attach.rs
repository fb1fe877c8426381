//! `stillgood attach`: keeps evidence with a row, and says box by box what it shows.

use std::path::PathBuf;

use serde_json::json;
use stillgood::examine::Examination;
use stillgood::statement::Statement;
use stillgood::{MOST_MATERIAL, Material, MaterialError, MaterialKind, RowId, Timestamp, Vault};

use crate::boxes;
use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{called, count, now, print, print_json, read};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
#[command(after_help = ABOUT_EVIDENCE)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// The row that the evidence belongs to
    #[arg(long, value_name = "ID")]
    row: String,
    /// The text of the output that was signed, where it does not stand in the response
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
    /// The canonical bytes of the request
    #[arg(long, value_name = "FILE")]
    request: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Evidence; `-` for standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
}

const ABOUT_EVIDENCE: &str = "\
A file is told by its content: a saved chat response (tee_signature), an attestation document (COSE, or base64 of it), an \
enclave's signing key (PEM), a Merkle proof (leaf, proof) or the dump of a tree (standard-v1), an x402 receipt (format), a \
Permit2 authorisation, header lines of an HTTP response, a signed OHTTP key configuration (key_config), a heartbeat, a \
response of the older form (signed_message, signature), the bytes of a request (model, messages), or a statement: JSON with \
`by`, who says it, and any of mode, settlement, payment, route, artifact, data, code.\n\n\
All of it is sealed and kept as it came, at most 64 pieces of 4 MiB and 8 MiB together; what counts no more makes room. Of \
pieces of one kind the last one counts, and attaching one again makes it the last. Evidence can hold a row back, and never makes it live.\n\n\
Which code of enclaves you accept stands in code-list.json of the key folder: a list of \
{\"pcr0\",\"pcr1\",\"pcr2\",\"from\",\"until\",\"note\"}; until and note may be left out. Without it nothing is said about code.";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let row = row_id(&args.row)?;
    let given: Vec<&String> = args.files.iter().chain(&args.output).chain(&args.request).collect();
    if given.is_empty() {
        return Err(Failure::cannot("there is nothing to attach")
            .hint("name one or more files; `stillgood attach --help` lists the kinds"));
    }
    match given.iter().filter(|file| file.as_str() == "-").count() {
        0 => {}
        1 => args.passphrase.spares_stdin()?,
        _ => return Err(Failure::cannot("standard input can be read once")),
    }
    let mut pieces = vec![];
    for file in &args.files {
        let bytes = read(file)?;
        let piece = Material::recognise(&bytes).map_err(|error| unknown(file, error))?;
        if piece.kind() == MaterialKind::Statement {
            // Whoever writes one is told at once what is wrong with it.
            Statement::from_json(piece.bytes())
                .map_err(|error| Failure::cannot(format!("{}: {error}", called(file))))?;
        }
        pieces.push(piece);
    }
    for (file, kind) in [(&args.output, MaterialKind::Output), (&args.request, MaterialKind::Request)] {
        if let Some(file) = file {
            let bytes = read(file)?;
            if kind == MaterialKind::Output && std::str::from_utf8(&bytes).is_err() {
                return Err(Failure::cannot(format!("{}: it is not text in UTF-8", called(file))));
            }
            pieces.push(Material::new(kind, bytes).map_err(|error| unknown(file, error))?);
        }
    }
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let now = now()?;
    let found = vault.attach(&keys.device()?, &row, &pieces, now)?;
    let told = keys.remember(&vault).and_then(|()| report(args, &vault, &row, &pieces, &found, now));
    told.map_err(|failure| failure.hint("the evidence is in the vault all the same"))
}

fn report(
    args: &Args,
    vault: &Vault,
    row: &RowId,
    pieces: &[Material],
    found: &Examination,
    now: Timestamp,
) -> Result<(), Failure> {
    let evidence = vault.evidence(row)?;
    if args.json {
        let kept: Vec<_> = evidence
            .iter()
            .map(|kept| json!({"kind": kept.material.kind().name(), "attached_at": kept.attached_at.to_string(), "bytes": kept.material.bytes().len()}))
            .collect();
        let boxes = boxes::as_json(&found.boxes, Some(&found.noticed), now);
        print_json(&json!({"row": row.as_str(), "kept": kept, "boxes": boxes}))
    } else {
        let kinds: Vec<&str> = pieces.iter().map(|piece| piece.kind().name()).collect();
        let all = count(evidence.iter().len(), "piece");
        let boxes = boxes::in_words(&found.boxes, &found.noticed, now);
        print(&format!("row {row}: {} attached; {all} of evidence kept with it\n\n{boxes}", kinds.join(", ")))
    }
}

fn unknown(file: &str, error: MaterialError) -> Failure {
    let failure = Failure::cannot(format!("{}: {error}", called(file)));
    match error {
        MaterialError::Unknown => failure.hint(
            "`stillgood attach --help` lists the kinds; the text of an answer goes with --output, the bytes of a request with --request",
        ),
        MaterialError::TooLong => failure.hint(format!("at most {MOST_MATERIAL} bytes")),
        MaterialError::Empty | MaterialError::NotJson => failure,
    }
}
