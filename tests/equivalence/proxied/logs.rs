//! What filters logged, out of Envoy's log.

/// Returns a plugin's lines in order: `level text`.
///
/// Envoy writes `[date time][thread][level][wasm] [file:line] wasm log PLUGIN VM: text`, for a root
/// context without the plugin; a text may have several lines.
pub(super) fn of(log: &str, plugin: &str, vm_id: Option<&str>) -> Vec<String> {
    let of_requests = format!(" wasm log {plugin}");
    let of_root = format!(" wasm log {}: ", vm_id.unwrap_or(plugin));
    let mut found: Vec<String> = Vec::new();
    let mut is_ours = false;
    for line in log.lines() {
        if !line.starts_with('[') {
            if let Some(last) = found.last_mut().filter(|_| is_ours) {
                last.push('\n');
                last.push_str(line);
            }
            continue;
        }
        let entry = parse(line, &of_requests).or_else(|| parse(line, &of_root));
        is_ours = entry.is_some();
        found.extend(entry);
    }
    found
}

fn parse(line: &str, mark: &str) -> Option<String> {
    let (before, after) = line.split_once(mark)?;
    let text = if mark.ends_with(' ') {
        after
    } else {
        after.split_once(": ")?.1
    };
    let level = before.split("][").nth(2)?;
    Some(format!("{level} {text}"))
}
