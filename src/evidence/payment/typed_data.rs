//! The two typed structures that are signed, hashed as EIP-712 says: `19 01`, the hash of the domain, the hash of the
//! structure. A structure's hash is Keccak-256 of its type's hash and its members, 32 bytes each; a text stands as its hash.
//!
//! There is no third, and no code for any other: what is signed is fixed here, and not said by what is read.

use super::super::keccak::keccak256;
use super::address::Address;
use super::number::Uint256;

const PERMIT_DOMAIN: &str = "EIP712Domain(string name,uint256 chainId,address verifyingContract)";
const RECEIPT_DOMAIN: &str = "EIP712Domain(string name,string version,uint256 chainId)";
const TOKEN_PERMISSIONS: &str = "TokenPermissions(address token,uint256 amount)";
const WITNESS: &str = "Witness(address to,address facilitator,uint256 validAfter)";
const PERMIT: &str = "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,\
                      Witness witness)TokenPermissions(address token,uint256 amount)\
                      Witness(address to,address facilitator,uint256 validAfter)";
const RECEIPT: &str = "Receipt(uint256 version,string network,string resourceUrl,string payer,uint256 issuedAt,\
                       string transaction)";

type Word = [u8; 32];

fn text(text: &str) -> Word {
    keccak256(&[text.as_bytes()])
}

fn address(address: &Address) -> Word {
    let mut word = [0; 32];
    for (to, from) in word.iter_mut().skip(12).zip(address.as_bytes()) {
        *to = *from;
    }
    word
}

fn structure(kind: &str, members: &[Word]) -> Word {
    keccak256(&[&text(kind), members.as_flattened()])
}

fn signed(domain: Word, message: Word) -> Word {
    keccak256(&[&[0x19, 0x01], &domain, &message])
}

/// What stands in a permit and is signed, with the chain that its domain names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PermitTerms {
    pub(super) chain_id: u64,
    pub(super) token: Address,
    pub(super) amount: Uint256,
    pub(super) spender: Address,
    pub(super) nonce: Uint256,
    pub(super) deadline: Uint256,
    pub(super) to: Address,
    pub(super) facilitator: Address,
    pub(super) valid_after: Uint256,
}

impl PermitTerms {
    /// The hash that the payer signs, under the domain of this contract on this chain.
    pub(super) fn hash(&self, contract: &Address) -> Word {
        let chain = *Uint256::from(self.chain_id).as_be_bytes();
        let domain = structure(PERMIT_DOMAIN, &[text("Permit2"), chain, address(contract)]);
        let permitted = structure(TOKEN_PERMISSIONS, &[address(&self.token), *self.amount.as_be_bytes()]);
        let witness = [address(&self.to), address(&self.facilitator), *self.valid_after.as_be_bytes()];
        let members = [
            permitted,
            address(&self.spender),
            *self.nonce.as_be_bytes(),
            *self.deadline.as_be_bytes(),
            structure(WITNESS, &witness),
        ];
        signed(domain, structure(PERMIT, &members))
    }
}

/// The hash that the signer of a receipt signs. Its domain names chain 1 wherever the payment was.
pub(super) fn receipt_hash(network: &str, resource: &str, payer: &str, issued_at: u64, transaction: &str) -> Word {
    let one = *Uint256::from(1).as_be_bytes();
    let domain = structure(RECEIPT_DOMAIN, &[text("x402 receipt"), text("1"), one]);
    let issued_at = *Uint256::from(issued_at).as_be_bytes();
    let members = [one, text(network), text(resource), text(payer), issued_at, text(transaction)];
    signed(domain, structure(RECEIPT, &members))
}
