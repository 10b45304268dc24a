//! Where the admin API keeps what is declared.

use crate::declaration::carry_out::{StepError, Worker, version_of};
use crate::declaration::objects::{Kind, Name};

impl Worker<'_> {
    /// Returns where the API keeps a list of such things.
    pub(super) fn list(&self, name: &Name) -> Result<String, StepError> {
        let outer = |kind, count: usize| Name {
            kind,
            names: name.names.iter().take(count).cloned().collect(),
        };
        let product = || self.id(&outer(Kind::Product, 1)).map(str::to_owned);
        let portal = &self.ids.portal;
        Ok(match name.kind {
            Kind::Strategy => "/v2/application-auth-strategies".to_owned(),
            Kind::Portal => "/v2/portals".to_owned(),
            Kind::Product => "/v2/api-products".to_owned(),
            Kind::Document => format!("/v2/api-products/{}/documents", product()?),
            Kind::Version => format!("/v2/api-products/{}/product-versions", product()?),
            Kind::Specification => format!(
                "/v2/api-products/{}/product-versions/{}/specifications",
                product()?,
                self.id(&outer(Kind::Version, 2))?
            ),
            Kind::Application => "/admin/v1/applications".to_owned(),
            Kind::Service => "/admin/v1/services".to_owned(),
            Kind::Publication => format!("/v2/portals/{portal}/product-versions"),
            Kind::Registration => "/admin/v1/registrations".to_owned(),
        })
    }

    /// Returns where the API keeps a thing.
    pub(super) fn path(&self, name: &Name) -> Result<String, StepError> {
        let portal = &self.ids.portal;
        let applications = format!("/v2/portals/{portal}/applications");
        match name.kind {
            Kind::Publication => {
                let version = self.id(&version_of(name))?;
                Ok(format!("{}/{version}", self.list(name)?))
            }
            Kind::Application => Ok(format!("{applications}/{}", self.id(name)?)),
            Kind::Registration => {
                let owner = name.names.first().map_or("", String::as_str);
                let owner = self.id(&Name::new(Kind::Application, &[owner]))?;
                let id = self.id(name)?;
                Ok(format!("{applications}/{owner}/registrations/{id}"))
            }
            _ => Ok(format!("{}/{}", self.list(name)?, self.id(name)?)),
        }
    }
}
