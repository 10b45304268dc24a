//! Flags, variables, file and defaults, as they win over each other.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Subcommand};

use super::*;
use crate::config::effective::Source;

#[derive(Debug, Parser)]
struct Program {
    #[command(subcommand)]
    command: Do,
}

#[derive(Debug, Subcommand)]
enum Do {
    Serve {
        #[command(flatten)]
        config: Config,
    },
}

fn understood(arguments: &[&str]) -> Result<(Config, Vec<Effective>), ConfigError> {
    let line = ["keystile-registry", "serve"].iter().chain(arguments);
    let understood: Understood<Program> = understand(line.map(ToString::to_string))?;
    let Do::Serve { config } = understood.program.command;
    Ok((config, understood.settings))
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("keystile.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn refusal(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), text);
    let error = understood(&["--config", path.to_str().unwrap()]).unwrap_err();
    error
        .to_string()
        .replace(path.to_str().unwrap(), "keystile.toml")
}

#[test]
fn admin_and_gateways_are_served_on_this_machine_only_unless_told_otherwise() {
    let (config, _) = understood(&[]).unwrap();
    assert!(config.admin_listen.ip().is_loopback());
    assert!(config.gateway_listen.ip().is_loopback());
    let settings = config.settings().unwrap();
    assert_eq!(settings.public_url.as_str(), "http://localhost:8003/");
}

#[test]
fn a_public_url_without_https_needs_to_be_asked_for() {
    let url = ["--public-url", "http://portal.example.com"];
    let (config, _) = understood(&url).unwrap();
    assert!(matches!(
        config.is_fit_to_serve(),
        Err(ConfigError::InsecureUrl)
    ));
    let (config, _) = understood(&[url[0], url[1], "--insecure-http"]).unwrap();
    assert!(config.is_fit_to_serve().is_ok());
}

#[test]
fn a_front_end_that_is_not_there_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (config, _) = understood(&["--portal-static-dir", path]).unwrap();
    assert!(matches!(
        config.settings(),
        Err(ConfigError::FrontEnd { .. })
    ));
    std::fs::write(folder.path().join("index.html"), "").unwrap();
    let front_end = config.settings().unwrap().front_end;
    assert_eq!(front_end.static_dir, folder.path().canonicalize().ok());
}

#[test]
fn pages_of_another_origin_log_in_over_https_alone() {
    let other = ["--portal-cors-origins", "https://apps.example"];
    let (config, _) = understood(&other).unwrap();
    assert!(config.is_fit_to_serve().is_ok());
    let clear = [
        "--public-url",
        "http://portal.example.com",
        "--insecure-http",
    ];
    let (config, _) = understood(&[&other[..], &clear].concat()).unwrap();
    assert!(matches!(
        config.is_fit_to_serve(),
        Err(ConfigError::InsecureCors)
    ));
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let text = "admin_listen = '127.0.0.1:1'\ngateway_listen = '127.0.0.1:2'\n\
                allow_weak_keys = true\ntrusted_proxies = ['10.0.0.0/8', '192.0.2.0/24']";
    let path = file(folder.path(), text);
    let path = path.to_str().unwrap();
    let (config, settings) =
        understood(&["--config", path, "--admin-listen", "127.0.0.1:3"]).unwrap();
    let ports = (config.admin_listen.port(), config.gateway_listen.port());
    assert_eq!(ports, (3, 2));
    assert!(config.allow_weak_keys);
    assert_eq!(config.trusted_proxies.len(), 2);
    let source = |name: &str| settings.iter().find(|one| one.name == name).unwrap().source;
    assert_eq!(source("admin_listen"), Source::Flag);
    assert_eq!(source("gateway_listen"), Source::File);
    assert_eq!(source("portal_listen"), Source::Default);
}

#[test]
fn the_effective_settings_are_a_configuration_file_that_says_the_same() {
    let networks = "10.0.0.0/8,192.0.2.0/24";
    let given = ["--trusted-proxies", networks, "--insecure-http"];
    let (_, settings) = understood(&given).unwrap();
    let lines: Vec<String> = settings.iter().map(ToString::to_string).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), &lines.join("\n"));
    let (_, again) = understood(&["--config", path.to_str().unwrap()]).unwrap();
    for (one, other) in settings.iter().zip(&again) {
        assert_eq!((&one.name, &one.values), (&other.name, &other.values));
    }
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_line() {
    for (text, said) in [
        (
            "insecure_http = true\nportl_listen = '127.0.0.1:1'",
            "`keystile.toml`, line 2: there is no setting `portl_listen`; did you mean `portal_listen`?",
        ),
        (
            "\nportal_listen = 8003",
            "`keystile.toml`, line 2: `portal_listen`: invalid socket address syntax",
        ),
        (
            "portal_listen = ['127.0.0.1:1', '127.0.0.1:2']",
            "`keystile.toml`, line 1: `portal_listen` takes one value",
        ),
        (
            "insecure_http = 'yes'",
            "`keystile.toml`, line 1: `insecure_http` is true or false",
        ),
        (
            "[portal]\nlisten = '127.0.0.1:1'",
            "`keystile.toml`, line 1: `portal` is text, a number, true or false, or a list of those",
        ),
        (
            "config = 'other.toml'",
            "`keystile.toml`, line 1: there is no setting `config`",
        ),
    ] {
        assert_eq!(refusal(text), said);
    }
}

#[test]
fn no_refusal_shows_a_password() {
    let url = "postgres://keystile:hunter2@db.example.com/keystile";
    for said in [
        refusal(&format!("database = '{url}'")),
        refusal(&format!("database = '{url}")),
        understood(&["--database", url]).unwrap_err().to_string(),
    ] {
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_secret_that_nobody_chose_is_refused() {
    let url = "postgres://keystile:changeme@localhost/keystile";
    let error = understood(&["--database", url]).unwrap_err();
    assert!(matches!(error, ConfigError::Placeholder { .. }), "{error}");
}

#[test]
fn every_setting_has_one_name_in_three_spellings() {
    for setting in file::settings() {
        let name = setting.get_id().as_str();
        assert_eq!(setting.get_long(), Some(name.replace('_', "-").as_str()));
        let variable = format!("KEYSTILE_{}", name.to_uppercase());
        assert_eq!(
            setting.get_env().and_then(|env| env.to_str()),
            Some(variable.as_str())
        );
        assert!(setting.get_help().is_some(), "`{name}` says what it is for");
    }
    Program::command().debug_assert();
}
