//! `floatrate access`: the table of roles and methods.

use super::{Exit, Stop, output};
use crate::auth::Role;
use crate::auth::table::{Method, Scope, Service, TABLE};
use clap::Args;
use floatrate_engine::Lang;
use serde_json::{Value, json};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

#[derive(Args, Debug)]
#[command(
    after_help = "How callers prove who they are: docs/access.md.\n\nExamples:\n  floatrate access\n  floatrate access --json"
)]
pub(super) struct AccessArguments {
    /// For programs: one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &AccessArguments, lang: Lang) -> Result<Exit, Stop> {
    let text = if arguments.json { format!("{:#}\n", json(TABLE)) } else { text(TABLE, lang) };
    output::print(&text)?;
    Ok(Exit::Done)
}

fn json(table: &[Service]) -> Value {
    let methods = table.iter().flat_map(|service| {
        service.methods.iter().map(|method| {
            let roles: Vec<&str> = allowed(method).map(Role::name).collect();
            let within_regions = service.scope == Scope::Regions;
            json!({"service": service.name, "method": method.name, "changes": method.changes,
                   "within_regions": within_regions, "roles": roles})
        })
    });
    json!({"roles": Role::ALL.map(Role::name), "methods": methods.collect::<Vec<_>>()})
}

fn allowed(method: &Method) -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(|role| method.allows(*role))
}

/// Methods as rows, roles as columns.
fn text(table: &[Service], lang: Lang) -> String {
    let kinds = match lang {
        Lang::Zh => ["读取", "变更"],
        Lang::En => ["read", "change"],
    };
    let heads = Role::ALL.map(|role| match lang {
        Lang::Zh => role.zh(),
        Lang::En => role.name(),
    });
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(UnicodeWidthStr::width).max().unwrap_or(0);
    let first = widest(&mut table.iter().flat_map(|s| s.methods).map(|m| m.name)) + 2;
    let second = widest(&mut kinds.into_iter());
    let mut out = String::new();
    for service in table {
        let scope = match (service.scope, lang) {
            (Scope::Open, Lang::Zh) => "不限地区",
            (Scope::Open, Lang::En) => "everywhere",
            (Scope::Regions, Lang::Zh) => "限调用方的统筹地区",
            (Scope::Regions, Lang::En) => "within the caller's regions",
        };
        let _ = writeln!(out, "{} ({scope})", service.name);
        let _ = writeln!(out, "{}", row("", first, "", second, heads, heads));
        for method in service.methods {
            let may = Role::ALL.map(|role| match (method.allows(role), lang) {
                (false, _) => "-",
                (true, Lang::Zh) => "可",
                (true, Lang::En) => "yes",
            });
            let kind = kinds[usize::from(method.changes)];
            let _ = writeln!(out, "{}", row(method.name, first, kind, second, heads, may));
        }
        out.push('\n');
    }
    out.push_str(match lang {
        Lang::Zh => {
            "未列出的方法一律拒绝。健康检查与反射不要求身份。本机未带凭据的调用方自报姓名，如未自报角色则具有全部角色。\n"
        }
        Lang::En => {
            "What is not listed is refused to everybody. Health and reflection ask for no identity. A caller of this machine\nwithout credentials names itself, and has every role unless it names one.\n"
        }
    });
    out
}

/// One line; columns of roles are as wide as their heads.
fn row(name: &str, first: usize, kind: &str, second: usize, heads: [&str; 5], cells: [&str; 5]) -> String {
    let padded =
        |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let mut line = format!("  {}{}", padded(name, first), padded(kind, second));
    for (head, cell) in heads.iter().zip(cells) {
        line.push_str("  ");
        line.push_str(&padded(cell, head.width()));
    }
    line.trim_end().to_owned()
}
