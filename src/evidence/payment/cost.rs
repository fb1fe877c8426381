//! What a response says that it cost, and whether that adds up.
//!
//! The shape is that of OpenGradient's gateway: `usage` with three counts of tokens, and `opengradient` with `cost_opg`, a
//! whole number of the token's smallest unit, of which there are 10^18 in one, `cost_usd` and `opg_price_usd`. The price of
//! a token of the model is not told, so that nothing here says whether the cost follows from the usage.

use serde_json::value::RawValue;

use super::decimal::Decimal;
use super::members::{MemberError, Members, as_text};
use super::number::Uint256;

/// Longer responses are not read.
const MOST_RESPONSE: usize = 16 << 20;

/// How many decimals the token has.
const DECIMALS: i32 = 18;

/// Counts and amounts of a response, read and not checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CostBlock {
    /// Tokens of the request.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// All tokens.
    pub total_tokens: u64,
    /// What is charged, in the token's smallest unit.
    pub cost_opg: Uint256,
    /// The same in dollars.
    pub cost_usd: Decimal,
    /// Dollars for one token.
    pub opg_price_usd: Decimal,
}

/// A cost whose sum and product hold. No signature covers it: it is in keeping with itself, and nothing more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost(CostBlock);

/// Why a cost does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// Longer than any response is.
    #[error("a response has at most {MOST_RESPONSE} bytes")]
    TooLong,
    /// Not a JSON object, or with a member twice.
    #[error("the response is not one JSON object with each member once")]
    NotJson,
    /// A member that is missing, or of another form.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// Fewer tokens in all than in the two parts.
    #[error("`total_tokens` is less than `prompt_tokens` and `completion_tokens` together")]
    TokensDoNotAddUp,
    /// A price of 0.
    #[error("`opg_price_usd` is 0")]
    NoPrice,
    /// Dollars that are not cost times price.
    #[error("`cost_usd` is not `cost_opg` times `opg_price_usd`")]
    DollarsDoNotFollow,
}

impl CostBlock {
    /// Reads the response to a chat request, a JSON object; checks nothing. Other members are not read.
    ///
    /// # Errors
    /// The variants of [`CostError`] up to [`Member`](CostError::Member).
    pub fn from_json(text: &[u8]) -> Result<Self, CostError> {
        if text.len() > MOST_RESPONSE {
            return Err(CostError::TooLong);
        }
        let mut all = Members::read(text).ok_or(CostError::NotJson)?;
        let (mut usage, mut cost) = (all.object("usage")?, all.object("opengradient")?);
        Ok(CostBlock {
            prompt_tokens: usage.count("prompt_tokens")?,
            completion_tokens: usage.count("completion_tokens")?,
            total_tokens: usage.count("total_tokens")?,
            cost_opg: cost.number("cost_opg")?,
            cost_usd: decimal("cost_usd", cost.value("cost_usd")?)?,
            opg_price_usd: decimal("opg_price_usd", cost.value("opg_price_usd")?)?,
        })
    }

    /// Checks that the tokens add up and that the dollars are cost times price, in decimal arithmetic with 28 significant
    /// digits, half to even, which is what the gateway's language does. All tokens may be more than the two parts:
    /// some models count what they think apart.
    ///
    /// # Errors
    /// The variants of [`CostError`] from [`TokensDoNotAddUp`](CostError::TokensDoNotAddUp) on, or
    /// [`MemberError::TooLarge`] for a cost of more than 28 significant digits.
    pub fn check(self) -> Result<Cost, CostError> {
        let parts = self.prompt_tokens.checked_add(self.completion_tokens);
        if parts.is_none_or(|parts| parts > self.total_tokens) {
            return Err(CostError::TokensDoNotAddUp);
        }
        if self.opg_price_usd.is_zero() {
            return Err(CostError::NoPrice);
        }
        let whole = Decimal::parse(&self.cost_opg.to_string()).and_then(|cost| cost.shifted(DECIMALS));
        let dollars = whole.and_then(|cost| cost.times(self.opg_price_usd));
        if dollars.ok_or(MemberError::TooLarge("cost_opg"))? != self.cost_usd {
            return Err(CostError::DollarsDoNotFollow);
        }
        Ok(Cost(self))
    }
}

fn decimal(name: &'static str, value: &RawValue) -> Result<Decimal, MemberError> {
    let text = as_text(name, value).map_err(|_| MemberError::NotADecimal(name))?;
    Decimal::parse(&text).ok_or(MemberError::NotADecimal(name))
}

impl Cost {
    /// What it says.
    pub fn block(&self) -> &CostBlock {
        &self.0
    }

    /// What is charged, in the token's smallest unit: to hold against [`Authorised::at_most`](super::Authorised::at_most).
    pub fn charged(&self) -> Uint256 {
        self.0.cost_opg
    }

    /// Tokens that are in neither part.
    pub fn other_tokens(&self) -> u64 {
        self.0.total_tokens.saturating_sub(self.0.prompt_tokens).saturating_sub(self.0.completion_tokens)
    }
}
