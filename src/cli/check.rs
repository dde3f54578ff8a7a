//! `floatrate plan check` and `plan test`.

use super::{Exit, Stop, output, prove, tell};
use crate::plans::{PlanError, catalog, embedded, load, texts};
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::diagnostic::{Diagnostic, Files};
use floatrate_engine::limits::EXTENDS_DEPTH_MAX;
use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::examples;
use floatrate_engine::proof;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct CheckArguments {
    /// A plan folder or a folder of plans; default the plans that come with floatrate
    path: Option<PathBuf>,
    /// Every claim, not only those that are not proved exactly
    #[arg(long)]
    all: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct TestArguments {
    /// A plan folder or a folder of plans; default the plans that come with floatrate
    path: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// The plans below a path, and which of them were asked for.
fn asked(path: Option<&Path>) -> Result<(Catalog, Option<String>), PlanError> {
    let Some(path) = path else { return Ok((load(None)?, None)) };
    if !path.join("plan.toml").is_file() {
        return Ok((load(Some(path))?, None));
    }
    // One plan's folder: its parents stand in the folder of plans around it, or come with floatrate.
    let own = texts(path)?;
    let field =
        |texts: &BTreeMap<String, String>, name| texts.get("plan.toml").and_then(|t| first_text(t, name));
    let id = field(&own, "id").unwrap_or_default();
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = id.replace('-', "/");
    let inside = !folder.is_empty() && path.ends_with(&folder);
    let root = path.ancestors().nth(folder.split('/').count()).filter(|_| inside);
    let mut all = embedded();
    let (mut link, mut folder) = (own, folder);
    for _ in 0..EXTENDS_DEPTH_MAX {
        let parent = field(&link, "extends").map(|id| id.replace('-', "/"));
        all.retain(|name, _| !name.starts_with(&format!("{folder}/")));
        all.extend(link.into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)));
        let beside = parent.and_then(|parent| Some((root?.join(&parent), parent)));
        let Some((path, parent)) = beside.filter(|(path, _)| path.join("plan.toml").is_file()) else { break };
        (link, folder) = (texts(&path)?, parent);
    }
    Ok((catalog(&all)?, Some(id)))
}

/// A catalog and the plan that is meant in it: by its id, or by the path of its folder.
pub(super) fn found(name: &str, folder: Option<&Path>) -> Result<(Catalog, String), Stop> {
    let path = Path::new(name);
    if path.join("plan.toml").is_file() {
        let (catalog, id) = asked(Some(path)).map_err(|why| Stop::usage(why.text()))?;
        return Ok((catalog, id.unwrap_or_default()));
    }
    Ok((super::load(folder)?, name.to_owned()))
}

/// The text of the first line `name = "…"`; good enough to find files, which are then read properly.
fn first_text(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.split('=').next().is_some_and(|key| key.trim() == name))?;
    line.split('"').nth(1).map(str::to_owned)
}

fn chosen<'c>(catalog: &'c Catalog, id: Option<&'c str>) -> impl Iterator<Item = &'c Plan> {
    catalog.plans().filter(move |plan| id.is_none_or(|id| plan.checked.id == id))
}

/// A mistake for programs.
pub(super) fn mistake(files: &Files, d: &Diagnostic) -> Value {
    let place = d.place.as_ref().map(|(span, expected)| {
        let (line, column) = files.position(*span);
        json!({"file": files.path(span.file), "line": line, "column": column, "expected": expected})
    });
    json!({"code": d.code, "message": d.message, "place": place, "help": d.help, "article": d.article, "notes": d.notes})
}

pub(super) fn check(arguments: &CheckArguments, lang: Lang) -> Result<Exit, Stop> {
    let (catalog, id) = match asked(arguments.path.as_deref()) {
        Ok(found) => found,
        Err(PlanError::Mistakes(diagnostics, files)) => {
            if arguments.json {
                let mistakes: Vec<Value> = diagnostics.iter().map(|d| mistake(&files, d)).collect();
                output::print(&format!("{:#}\n", json!({"ok": false, "mistakes": mistakes})))?;
            } else {
                tell(&PlanError::Mistakes(diagnostics, files).text());
            }
            return Ok(Exit::Partly);
        }
        Err(why) => return Err(Stop::usage(why.text())),
    };
    let (mut ok, mut out) = (true, String::new());
    let (mut plans, mut mistakes) = (Vec::new(), Vec::new());
    for plan in chosen(&catalog, id.as_deref()) {
        let compiled = plan.checked.first_rating_date().map(|date| plan.compile_for_first_pass(date));
        let nodes = compiled.as_ref().and_then(|c| c.as_ref().ok()).map(|p| p.nodes.len());
        let failed = compiled.and_then(Result::err);
        let report = proof::check(plan, catalog.declared());
        let sound = failed.is_none() && report.sound();
        ok &= sound;
        mistakes.extend(report.refutations().map(|(_, refutation)| refutation.diagnostic.clone()));
        if arguments.json {
            let proofs = prove::json(&catalog, plan, &report);
            plans.push(
                json!({"id": plan.checked.id, "ok": sound, "why": failed, "nodes": nodes, "proofs": proofs}),
            );
            continue;
        }
        let nodes = nodes.map_or_else(String::new, |n| match lang {
            Lang::En => format!("; {n} nodes"),
            Lang::Zh => format!("；{n} 个节点"),
        });
        let said = failed.unwrap_or_else(|| format!("{}{nodes}", prove::summary(&report, lang)));
        let _ = writeln!(out, "{}: {said}", plan.checked.id);
        out.push_str(&prove::claims(plan, &report, arguments.all, lang));
    }
    if arguments.json {
        out = format!("{:#}\n", json!({"ok": ok, "plans": plans}));
    }
    output::print(&out)?;
    if !mistakes.is_empty() && !arguments.json {
        tell(&PlanError::Mistakes(mistakes, Box::new(catalog.files.clone())).text());
    }
    Ok(if ok { Exit::Done } else { Exit::Partly })
}

pub(super) fn test(arguments: &TestArguments, _lang: Lang) -> Result<Exit, Stop> {
    let (catalog, id) = asked(arguments.path.as_deref()).map_err(|why| Stop::usage(why.text()))?;
    let (mut run, mut failed) = (0, 0);
    let (mut all, mut out) = (Vec::new(), String::new());
    for plan in chosen(&catalog, id.as_deref()) {
        for report in examples::run(plan, catalog.declared()) {
            run += 1;
            failed += usize::from(!report.mistakes.is_empty());
            if arguments.json {
                all.push(
                    json!({"plan": plan.checked.id, "example": report.name, "mistakes": report.mistakes}),
                );
            } else if report.mistakes.is_empty() {
                let _ = writeln!(out, "ok      {}  {}", plan.checked.id, report.name);
            } else {
                let _ = writeln!(out, "FAILED  {}  {}", plan.checked.id, report.name);
                report.mistakes.iter().for_each(|m| {
                    let _ = writeln!(out, "          {m}");
                });
            }
        }
    }
    if arguments.json {
        out = format!("{:#}\n", json!({"run": run, "failed": failed, "examples": all}));
    } else {
        let _ = writeln!(out, "{run} examples, {failed} failed");
    }
    output::print(&out)?;
    Ok(if failed == 0 { Exit::Done } else { Exit::Partly })
}
