//! Who is measured: the filters, and what is sent to each.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use stage::envoy::EnvoyConfig;
use tokio::runtime::Handle;

use super::configuration as envoy;
use super::requests::{Place, hits, misses, one_key, unregistered, without_key};
use super::{Base, Side, authz};
use crate::error::BenchError;
use crate::gateways::Gateway;
use crate::keys;
use crate::population::Population;

/// With more keys than this in its configuration an Envoy takes minutes to start.
const LONGEST_LIST: u64 = 100_000;

/// Starts every side's Envoy; what is returned is in the order of the table.
pub(crate) fn line_up(
    runtime: &Handle,
    populations: &[Population],
    beside: &[PathBuf],
) -> Result<Vec<Side>, BenchError> {
    let few = populations.first().map_or(0, |few| few.keys);
    let mut sides = bases(few)?;
    sides.extend(smallest()?);
    let keys = populations.iter().map(|population| population.keys);
    for keys in keys.filter(|keys| *keys <= LONGEST_LIST) {
        sides.extend(lists(keys)?);
    }
    if let Some(few) = populations.first() {
        sides.push(asking(runtime, few)?);
        sides.extend(ours_in_full(few)?);
        for filter in beside {
            sides.push(ours_of_another_build(few, filter)?);
        }
    }
    for population in populations.iter().skip(1) {
        sides.extend(hit_and_miss(population.keys, &filled(population)?));
    }
    Ok(sides)
}

fn bases(keys: u64) -> Result<Vec<Side>, BenchError> {
    let bare = start(&envoy::with_filters(Vec::new())?)?;
    let buffer = start(&envoy::with_filters(vec![envoy::buffer()])?)?;
    let with_body = "no filter but `buffer`, key in a form";
    Ok(vec![
        Side::new("no filter", &bare, hits(Place::Header, keys)).against(Base::Bare),
        Side::new(with_body, &buffer, hits(Place::Body, keys)).against(Base::Buffered),
    ])
}

fn smallest() -> Result<Vec<Side>, BenchError> {
    [
        ("smallest SDK filter", "smallest.wasm"),
        (
            "smallest SDK filter, trimmed as ours is",
            "smallest_trimmed.wasm",
        ),
    ]
    .into_iter()
    .map(|(name, file)| {
        let module = envoy::module(&envoy::built(file)?);
        let gateway = start(&envoy::with_filters(vec![module])?)?;
        Ok(Side::new(name, &gateway, one_key()).knowing(1))
    })
    .collect()
}

/// Envoy's own ways with a list of keys in their configuration.
fn lists(keys: u64) -> Result<Vec<Side>, BenchError> {
    let list = envoy::api_key_auth((0..keys).map(keys::key));
    let list = start(&envoy::with_filters(vec![list])?)?;
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("keys.lua");
    write_script(&script, keys)?;
    // Envoy has read the script when it is ready.
    let script = start(&envoy::with_filters(vec![envoy::lua(&script)])?)?;
    Ok(vec![
        Side::new("api_key_auth", &list, hits(Place::Header, keys)).knowing(keys),
        Side::new("lua", &script, hits(Place::Header, keys)).knowing(keys),
    ])
}

fn asking(runtime: &Handle, population: &Population) -> Result<Side, BenchError> {
    let keys = population.keys;
    let service = authz::serve(runtime, population.registry.database())?;
    let gateway = start(&envoy::asking(service)?)?;
    Ok(Side::new("ext_authz", &gateway, hits(Place::Header, keys)).knowing(keys))
}

fn hit_and_miss(keys: u64, gateway: &Rc<Gateway>) -> Vec<Side> {
    vec![
        Side::new("ours, header", gateway, hits(Place::Header, keys)).knowing(keys),
        Side::new("ours, unknown key: 401", gateway, misses()).knowing(keys),
    ]
}

fn ours_in_full(population: &Population) -> Result<Vec<Side>, BenchError> {
    let keys = population.keys;
    let gateway = filled(population)?;
    let whole = envoy::all_shipped(&population.feed())?;
    let whole = Rc::new(Gateway::start_filled(&whole)?);
    let whole_name = "ours, header, with all of `envoy.yaml`";
    let mut sides = hit_and_miss(keys, &gateway);
    sides.extend([
        Side::new("ours, no key: 401", &gateway, without_key()).knowing(keys),
        Side::new("ours, not registered: 403", &gateway, unregistered()).knowing(keys),
        Side::new("ours, query", &gateway, hits(Place::Query, keys)).knowing(keys),
        Side::new("ours, key in a form", &gateway, hits(Place::Body, keys))
            .knowing(keys)
            .against(Base::OfBuffered),
        Side::new(whole_name, &whole, hits(Place::Header, keys)).knowing(keys),
    ]);
    Ok(sides)
}

fn ours_of_another_build(population: &Population, filter: &Path) -> Result<Side, BenchError> {
    let config = envoy::ours(&population.feed())?.with_filter(filter);
    let gateway = Rc::new(Gateway::start_filled(&config)?);
    let name = format!("ours, header, in `{}`", filter.display());
    let traffic = hits(Place::Header, population.keys);
    Ok(Side::new(&name, &gateway, traffic).knowing(population.keys))
}

fn filled(population: &Population) -> Result<Rc<Gateway>, BenchError> {
    eprintln!("bench: an Envoy learns {} keys", population.keys);
    let config = envoy::ours(&population.feed())?;
    Ok(Rc::new(Gateway::start_filled(&config)?))
}

fn start(config: &EnvoyConfig) -> Result<Rc<Gateway>, BenchError> {
    let gateway = Gateway::start(config)?;
    gateway.rest()?;
    Ok(Rc::new(gateway))
}

/// A script that takes a line of keys apart once, and looks each request's key up.
fn write_script(path: &Path, keys: u64) -> Result<(), BenchError> {
    let list: Vec<String> = (0..keys).map(keys::key).collect();
    let list = list.join(" ");
    let script = format!(
        "local keys = {{}}\n\
         for key in ([[{list}]]):gmatch('%S+') do keys[key] = true end\n\
         function envoy_on_request(handle)\n\
         local key = handle:headers():get('apikey')\n\
         if key == nil or not keys[key] then\n\
         handle:respond({{[':status'] = '401'}}, 'Unauthorized')\n\
         end\n\
         end\n"
    );
    Ok(fs::write(path, script)?)
}
