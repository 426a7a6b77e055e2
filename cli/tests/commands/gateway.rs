//! `mcp-edge gateway`

use serde_json::{Value as Json, json};

use crate::commands::run::{Ended, Folder};

const PETSTORE: &str = include_str!("../gateway/petstore.yaml");

/// `count` operations that read, a third of them below one path, without tags.
fn many(count: usize) -> String {
    let paths: serde_json::Map<String, Json> = (0..count)
        .map(|number| {
            let path = match number % 3 {
                0 => format!("/things/{number}"),
                _ => format!("/thing-{number}"),
            };
            let operation = json!({
                "operationId": format!("read{number}"),
                "summary": "Reads something",
                "responses": { "200": { "description": "It." } },
            });
            (path, json!({ "get": operation }))
        })
        .collect();
    json!({ "openapi": "3.1.0", "info": { "title": "Many" }, "paths": paths }).to_string()
}

/// Checks that what was written is right in every environment, and that a gateway can be built of it.
#[track_caller]
fn works(folder: &Folder, server: &str) {
    let file = format!("{server}/mcp.toml");
    for environment in [&[][..], &["--env", "dev"], &["--env", "production"]] {
        let check = ["check", "--config", &file];
        let checked = folder.run(&[&check[..], environment].concat());
        assert_eq!(checked.status, 0, "{environment:?}: {checked:?}");
    }
    let data = format!("{server}/deploy");
    let build = [
        "gateway",
        "build",
        "--config",
        &file,
        "--data-only",
        "--out",
        &data,
    ];
    let built = folder.run(&build);
    assert_eq!(built.status, 0, "{built:?}");
    assert!(folder.path(&data).join("data/catalog.bin").is_file());
}

fn allowed(ended: &Ended) -> Vec<String> {
    let json: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let rules = json["allow"].as_array().expect("rules").iter();
    rules
        .map(|rule| rule.as_str().expect("a rule").to_owned())
        .collect()
}

#[test]
fn new_proposes_what_only_reads() {
    let folder = Folder::new();
    folder.write("api.yaml", PETSTORE);
    folder.run(&["gateway", "new", "api.yaml"]).says(
        0,
        &[
            "com.example/petstore: tools for 4 of 6 operations, which only read.",
            "$ cd petstore",
        ],
    );
    let text = folder.read("petstore/mcp.toml");
    for line in [
        "name = \"com.example/petstore\"",
        "# A proposal of the document: make sure that this is the API that you mean.\nurl = \"https://petstore.example.com/v1\"",
        "documents = [\"openapi/api.yaml\"]",
        "allow = [\n    \"tag:reports\",\n    \"GET /pets\",\n    \"GET /pets/{id}\",\n]",
        "headers = { \"X-Api-Key\" = { secret = \"PETSTORE_KEY\" } }",
        "# The document's scheme \"signIn\": OAuth 2.0.",
        "preset = \"development\"",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
    assert!(!text.contains("expose"), "{text}");
    assert_eq!(folder.read("petstore/openapi/api.yaml"), PETSTORE);
    works(&folder, "petstore");
    let listed = folder.run(&["check", "--config", "petstore/mcp.toml", "--json"]);
    let listed: Json = serde_json::from_str(&listed.stdout).expect("JSON");
    let tools = listed["upstreams"]["petstore"]["tools"]
        .as_array()
        .expect("tools");
    let tools: Vec<_> = tools.iter().map(|tool| tool["name"].as_str()).collect();
    let expected = ["listPets", "getPet", "daily", "weekly"].map(Some);
    assert_eq!(tools, expected);
}

#[test]
fn new_takes_options_and_overwrites_nothing() {
    let folder = Folder::new();
    folder.write("api.yaml", PETSTORE);
    let new = [
        "gateway",
        "new",
        "api.yaml",
        "--name",
        "org.example/pets",
        "--url",
        "http://127.0.0.1:9000/v1",
        "--out",
        "here",
    ];
    folder
        .run(&new)
        .says(0, &["org.example/pets: tools for 4 of 6"]);
    let text = folder.read("here/mcp.toml");
    assert!(text.contains("name = \"org.example/pets\""), "{text}");
    assert!(
        text.contains("url = \"http://127.0.0.1:9000/v1\"\n# The URL is on this machine"),
        "{text}"
    );
    works(&folder, "here");
    folder.run(&new).says(2, &["here is there already"]);
    assert_eq!(folder.read("here/mcp.toml"), text);

    for wrong in [
        &["--name", "pets"][..],
        &["--url", "ftp://a.example"],
        &["--url", "https://a.example/?key=1"],
    ] {
        let new = ["gateway", "new", "api.yaml", "--out", "wrong"];
        folder
            .run(&[&new[..], wrong].concat())
            .says(2, &["give another --name or --url"]);
        assert!(!folder.path("wrong").exists());
    }
}

#[test]
fn large_lists_are_to_be_searched() {
    let folder = Folder::new();
    folder.write("many.json", &many(60));
    let made = folder.run(&["gateway", "new", "many.json", "--json"]);
    assert_eq!(made.status, 0, "{made:?}");
    let rules = allowed(&made);
    assert_eq!(rules.len(), 41, "{rules:?}");
    assert!(rules.contains(&"GET /things/*".to_owned()), "{rules:?}");
    let text = folder.read("many/mcp.toml");
    assert!(text.contains("expose = \"search\""), "{text}");
    // The document names no URL.
    assert!(text.contains("url = { variable = \"MANY_URL\" }"), "{text}");
    works(&folder, "many");

    let check = ["check", "--config", "many/mcp.toml"];
    let suggestion = "set expose = \"search\" in [upstreams.many]";
    let checked = folder.run(&check);
    assert!(!checked.stdout.contains(suggestion), "{checked:?}");
    folder.write("many/mcp.toml", &text.replace("expose = \"search\"", ""));
    folder.run(&check).says(
        0,
        &[
            suggestion,
            "60 tools with about ",
            "(bytes of their definitions / 4), more than 40 tools or 25000 tokens",
        ],
    );
    folder.write("few.json", &many(40));
    let few = folder.run(&["gateway", "new", "few.json", "--out", "few"]);
    assert_eq!(few.status, 0, "{few:?}");
    assert!(!folder.read("few/mcp.toml").contains("expose"));
}

#[test]
fn new_does_not_trust_the_document() {
    let folder = Folder::new();
    let hostile = json!({
        "openapi": "3.1.0",
        "info": { "title": "x\"\n[access]\npublic = true\n#" },
        "servers": [{ "url": "http://169.254.169.254/latest" }],
        "paths": {
            "/a\"]\nprivate = true\n#": { "get": { "tags": ["t\"\n"], "responses": {} } },
            "/b": { "get": { "operationId": "same", "responses": {} } },
            "/c": { "get": { "operationId": "same", "responses": {} } },
            "/d": { "get": { "tags": ["mixed"], "responses": {} }, "post": { "tags": ["mixed"], "responses": {} } },
        },
    });
    folder.write("api.json", &hostile.to_string());
    let made = folder.run(&["gateway", "new", "api.json", "--out", "out"]);
    made.says(0, &["tools for 2 of 5 operations", "has the same name"]);
    let text = folder.read("out/mcp.toml");
    let configuration: toml::Table = text.parse().expect("TOML");
    assert!(!configuration.contains_key("access"), "{text}");
    let upstream = &configuration["upstreams"].as_table().expect("a table")["x-access-public-true"];
    let upstream = upstream.as_table().expect("a table");
    assert!(!upstream.contains_key("private"), "{text}");
    assert!(upstream["url"].get("variable").is_some(), "{text}");
    assert!(text.contains("which is not a public https URL"), "{text}");
    works(&folder, "out");
}

#[test]
fn new_copies_the_files_that_the_document_refers_to() {
    let folder = Folder::new();
    let document = |reference: &str| {
        json!({ "openapi": "3.1.0", "info": { "title": "Parts" }, "paths": { "/a": { "get": {
            "operationId": "a",
            "parameters": [{ "name": "q", "in": "query", "schema": { "$ref": reference } }],
            "responses": {},
        } } } })
        .to_string()
    };
    std::fs::create_dir_all(folder.path("api/schemas")).expect("a folder");
    folder.write("api/schemas/q.json", r#"{ "type": "string" }"#);
    folder.write("api/api.json", &document("schemas/q.json"));
    folder
        .run(&["gateway", "new", "api/api.json"])
        .says(0, &["tools for 1 of 1 operations"]);
    assert_eq!(
        folder.read("parts/openapi/schemas/q.json"),
        r#"{ "type": "string" }"#
    );
    works(&folder, "parts");
    // Nothing outside the folder of the document is read, or copied.
    folder.write("secret.json", r#"{ "type": "string" }"#);
    folder.write("api/api.json", &document("../secret.json"));
    let outside = folder.run(&["gateway", "new", "api/api.json", "--out", "outside"]);
    assert!(!folder.path("outside/secret.json").exists(), "{outside:?}");
}

#[test]
fn new_names_what_is_wrong_with_a_document() {
    let folder = Folder::new();
    folder.write("swagger.json", r#"{ "swagger": "2.0", "paths": {} }"#);
    folder.write("broken.yaml", "openapi: [");
    folder.write(
        "writes.json",
        r#"{ "openapi": "3.1.0", "paths": { "/a": { "post": { "responses": {} } } } }"#,
    );
    for (document, status, sentence) in [
        ("swagger.json", 1, "convert it to OpenAPI 3.0 or 3.1"),
        ("broken.yaml", 1, "broken.yaml is not valid YAML"),
        ("writes.json", 1, "no operation with GET or HEAD"),
        ("absent.yaml", 2, "there is no file absent.yaml"),
        (
            "http://api.example.com/openapi.json",
            2,
            "must begin with https://",
        ),
    ] {
        folder
            .run(&["gateway", "new", document, "--out", "out"])
            .says(status, &[sentence]);
        assert!(!folder.path("out").exists(), "{document}");
    }
}
