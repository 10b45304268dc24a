//! What developers see of what a product owner offers: published versions, the products they belong
//! to, and the ways to authenticate.

pub mod product;
pub mod strategy;
pub mod version;
