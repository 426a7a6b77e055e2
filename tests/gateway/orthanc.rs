//! `examples/cohort-data` as it is, before a real server: Orthanc, which answers path traversal.

use std::sync::OnceLock;

use mcp_edge_tests::audited::EVIDENCE;
use mcp_edge_tests::gateway::{Gateway, Hosting, call};
use mcp_edge_tests::modern;
use mcp_edge_tests::orthanc::{Orthanc, Stored, installed};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use serde_json::{Value, json};

const CONFIGURATION: &str = include_str!("../../examples/cohort-data/mcp.toml");
const DOCUMENT: &str = include_str!("../../examples/cohort-data/openapi/cohort.yaml");

/// What a researcher's token has in the environment `dev`.
const SCOPE: &str = "Cohort.Read";

/// The error of a call of an unknown tool.
const INVALID_PARAMS: i64 = -32602;

/// More studies than a result of `find_studies` has entries.
const MANY: usize = 101;
const MAX_ITEMS: usize = 100;

/// The tools of a researcher.
pub(crate) const TOOLS: [&str; 8] = [
    "cohortSize",
    "find_studies",
    "getPatient",
    "getPreview",
    "getSeries",
    "getStudy",
    "getTags",
    "list_patients",
];

/// An identifier of the right form that Orthanc gave to nothing.
pub(crate) const UNKNOWN: &str = "00000000-00000000-00000000-00000000-00000000";

/// Values of a path parameter with which `GET /patients/{id}` of Orthanc is `GET /system`.
const TRAVERSALS: &[&str] = &[
    "../system",
    "..\\system",
    "..%2fsystem",
    "..%2Fsystem",
    "..%5csystem",
    "..%2f..%2fsystem",
    "%2e%2e/system",
    "%2E%2E/system",
    "%2e%2e%2fsystem",
    "%2e%2e%5csystem",
    ".%2e/system",
    "./../system",
    ".%2f..%2fsystem",
    "a/../../system",
    "a%2f..%2f..%2fsystem",
    "..%2fsystem?",
];

/// No `pattern`: what refuses a value is not the schema.
const ANY_ID_CONFIGURATION: &str = r#"
[gateway]
name = "com.example/any-identifier"

[access]
public = true

[server]
url = { variable = "MCP_EDGE_URL" }

[upstreams.orthanc]
url = { variable = "ORTHANC_URL" }
private = true
documents = ["patients.yaml"]
allow = ["GET *"]
"#;

const ANY_ID_DOCUMENT: &str = r#"
openapi: 3.1.0
info: { title: Patients, version: "1" }
paths:
  /patients/{id}:
    get:
      operationId: getPatient
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
      responses: { "200": { description: The patient. } }
  /patients/{id}/studies:
    get:
      operationId: getStudies
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
      responses: { "200": { description: The studies. } }
"#;

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    let mut tests = tests![
        the_tools_are_the_operations_for_researchers,
        finds_studies_by_tags,
        finds_the_rest_by_the_argument_that_pages,
        a_long_result_is_cut_with_a_note,
        reads_a_patient_a_study_a_series_and_tags,
        shows_an_image,
        what_is_not_there_is_a_tool_error,
        an_error_has_the_words_of_the_api,
        an_identifier_of_the_hospital_does_not_reach_it,
        a_caller_without_the_scope_gets_nothing,
        each_call_is_an_event_with_subject_tool_and_arguments,
        a_report_names_each_researcher,
        an_identifier_without_a_pattern_is_served,
    ];
    tests.extend(TRAVERSALS.iter().map(|&value| {
        Test::on(
            format!("orthanc: {value:?} would be /system"),
            move |hosting| is_refused(hosting, value),
        )
    }));
    tests
        .into_iter()
        .map(|test| test.needing(installed))
        .collect()
}

/// The archive of a trust.
pub(crate) struct Archive {
    orthanc: Orthanc,
    /// Women, examined in 2025: the first has an image.
    pub(crate) first: Stored,
    second: Stored,
}

/// The archive, with the example's gateway before it.
pub(crate) struct Cohort {
    pub(crate) gateway: Gateway,
    pub(crate) archive: &'static Archive,
    pub(crate) researcher: String,
}

pub(crate) fn archive() -> &'static Archive {
    static ARCHIVE: OnceLock<Archive> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let orthanc = Orthanc::start().unwrap();
        let store = |id: &str, sex: &str, date: &str, has_image: bool| {
            let tags = json!({
                "PatientID": id,
                "PatientName": format!("{id}^Cohort"),
                "PatientSex": sex,
                "StudyDate": date,
                "StudyDescription": "MR head",
                "Modality": "MR",
            });
            orthanc.store(tags, has_image).unwrap()
        };
        let first = store("NT-1", "F", "20250110", true);
        let second = store("NT-2", "F", "20250620", false);
        store("NT-3", "M", "20250315", false);
        store("NT-4", "F", "20231201", false);
        for number in 0..MANY {
            store(&format!("OLD-{number}"), "O", "20190101", false);
        }
        Archive {
            orthanc,
            first,
            second,
        }
    })
}

pub(crate) fn cohort(hosting: &Hosting) -> &'static Cohort {
    static COHORT: OnceLock<Cohort> = OnceLock::new();
    COHORT.get_or_init(|| {
        let archive = archive();
        let files = [
            ("mcp.toml", CONFIGURATION),
            ("openapi/cohort.yaml", DOCUMENT),
        ];
        let variables = [
            ("MCP_EDGE_ENV", "dev".to_owned()),
            ("ORTHANC_URL", archive.orthanc.url()),
            ("MCP_EDGE_AUDIT_KEYS", EVIDENCE.to_owned()),
        ];
        let gateway = hosting.deploy(&files, &variables);
        Cohort {
            researcher: gateway.token("ada", &[SCOPE]),
            gateway,
            archive,
        }
    })
}

impl Archive {
    /// Its URL, without a path.
    pub(crate) fn url(&self) -> String {
        self.orthanc.url()
    }
}

impl Cohort {
    #[track_caller]
    fn call(&self, tool: &str, arguments: Value) -> Value {
        self.gateway.call(tool, arguments, Some(&self.researcher))
    }

    /// The structured content of a call that succeeds.
    #[track_caller]
    fn read(&self, tool: &str, arguments: Value) -> Value {
        let mut result = self.call(tool, arguments);
        assert!(result.get("isError").is_none(), "{result}");
        result["structuredContent"].take()
    }

    /// The text of a call that is a tool error.
    #[track_caller]
    fn error(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The identifiers of what `find_studies` gives.
    #[track_caller]
    fn find(&self, arguments: Value) -> Vec<String> {
        let found = self.read("find_studies", arguments);
        let found = found["result"]
            .as_array()
            .unwrap_or_else(|| panic!("{found}"));
        let ids = found.iter().map(|study| study["ID"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }
}

fn the_tools_are_the_operations_for_researchers(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let tools = cohort.gateway.tools(Some(&cohort.researcher));
    let mut names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, TOOLS);
    for tool in &tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
    }
    let arguments = json!({ "id": cohort.archive.first.patient });
    let delete = call("deletePatient", arguments, Some(&cohort.researcher));
    let refused = cohort.gateway.endpoint.send(&delete);
    let (_, code, _) = refused.error();
    assert_eq!(code, INVALID_PARAMS);
    cohort.read("getPatient", json!({ "id": cohort.archive.first.patient }));
}

fn finds_studies_by_tags(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let tags = json!({ "PatientSex": "F", "StudyDate": "20250101-20251231" });
    let mut found = cohort.find(json!({ "level": "Study", "tags": tags }));
    found.sort_unstable();
    let archive = cohort.archive;
    let mut expected = [archive.first.study.clone(), archive.second.study.clone()];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let found = cohort.find(json!({ "level": "Patient", "tags": { "PatientID": "NT-2" } }));
    assert_eq!(found, [archive.second.patient.as_str()]);
}

fn finds_the_rest_by_the_argument_that_pages(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let page = |since: usize| {
        let tags = json!({ "PatientSex": "F" });
        cohort.find(json!({ "level": "Study", "tags": tags, "limit": 2, "since": since }))
    };
    let (first, second) = (page(0), page(2));
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(!first.contains(&second[0]), "{first:?} {second:?}");
}

fn a_long_result_is_cut_with_a_note(hosting: &Hosting) {
    let cohort = cohort(hosting);
    // Without `limit`, the example's default of 50 applies.
    let tags = json!({ "PatientSex": "O" });
    let found = cohort.find(json!({ "level": "Study", "tags": tags }));
    assert_eq!(found.len(), 50);
    let result = cohort.call(
        "find_studies",
        json!({ "level": "Study", "tags": tags, "limit": 0 }),
    );
    let found = result["structuredContent"]["result"].as_array().unwrap();
    assert_eq!(found.len(), MAX_ITEMS);
    let content = result["content"].to_string();
    assert!(content.contains("`since`"), "{content:.2000}");
    let found =
        cohort.find(json!({ "level": "Study", "tags": tags, "limit": 0, "since": MAX_ITEMS }));
    assert_eq!(found.len(), MANY - MAX_ITEMS);
}

fn reads_a_patient_a_study_a_series_and_tags(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let stored = &cohort.archive.first;
    let patient = cohort.read("getPatient", json!({ "id": stored.patient }));
    assert_eq!(patient["Studies"], json!([stored.study]), "{patient}");
    let study = cohort.read("getStudy", json!({ "id": stored.study }));
    assert_eq!(
        study["PatientMainDicomTags"]["PatientID"], "NT-1",
        "{study}"
    );
    assert_eq!(study["MainDicomTags"]["StudyDate"], "20250110", "{study}");
    let series = cohort.read("getSeries", json!({ "id": stored.series }));
    assert_eq!(series["Instances"], json!([stored.instance]), "{series}");
    let tags = cohort.read("getTags", json!({ "id": stored.instance }));
    assert_eq!(tags["PatientSex"], "F", "{tags}");
    let size = cohort.read("cohortSize", json!({}));
    assert_eq!(size["CountStudies"], MANY + 4, "{size}");
    let patients = cohort.read("list_patients", json!({ "limit": 3 }));
    assert_eq!(
        patients["result"].as_array().map(Vec::len),
        Some(3),
        "{patients}"
    );
}

fn shows_an_image(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let id = &cohort.archive.first.instance;
    let result = cohort.call("getPreview", json!({ "id": id }));
    let image = &result["content"][0];
    assert_eq!(image["type"], "image", "{result}");
    assert_eq!(image["mimeType"], "image/png");
    // The signature of a PNG file.
    let data = image["data"].as_str().unwrap();
    assert!(data.starts_with("iVBORw0KGgo"), "{data}");
}

fn what_is_not_there_is_a_tool_error(hosting: &Hosting) {
    let cohort = cohort(hosting);
    for tool in [
        "getPatient",
        "getStudy",
        "getSeries",
        "getTags",
        "getPreview",
    ] {
        let error = cohort.error(tool, json!({ "id": UNKNOWN }));
        assert!(error.contains("404"), "{tool}: {error}");
    }
}

fn an_error_has_the_words_of_the_api(hosting: &Hosting) {
    let tags = json!({ "NoSuchTag": "x" });
    let error = cohort(hosting).error("find_studies", json!({ "level": "Study", "tags": tags }));
    assert!(error.contains("Unknown DICOM tag"), "{error}");
    // It is a POST, which the example declares as reading.
    assert!(!error.contains("taken effect"), "{error}");
}

fn an_identifier_of_the_hospital_does_not_reach_it(hosting: &Hosting) {
    let cohort = cohort(hosting);
    for id in [
        "NT-1",
        "../system",
        &UNKNOWN.replace('0', "A"),
        &format!("{UNKNOWN}0"),
    ] {
        let error = cohort.error("getPatient", json!({ "id": id }));
        assert!(error.contains("Invalid arguments"), "{error}");
    }
}

fn a_caller_without_the_scope_gets_nothing(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let gateway = &cohort.gateway;
    let visitor = gateway.token("eve", &["Other.Read"]);
    // The list has what the caller could ask for another scope for.
    for tool in gateway.tools(Some(&visitor)) {
        let name = tool["name"].as_str().unwrap();
        let refused = gateway
            .endpoint
            .send(&call(name, json!({}), Some(&visitor)));
        assert_eq!(refused.status, 403, "{name}");
        let challenge = refused.challenge();
        assert_eq!(challenge.get("error"), Some(&"insufficient_scope"));
        assert_eq!(challenge.get("scope"), Some(&SCOPE));
        let anonymous = gateway.endpoint.send(&call(name, json!({}), None));
        assert_eq!(anonymous.status, 401, "{name}");
    }
    let list = gateway.endpoint.send(&modern("tools/list", json!({})));
    assert_eq!(list.status, 401);
}

fn each_call_is_an_event_with_subject_tool_and_arguments(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let token = cohort.gateway.token("grace", &[SCOPE]);
    let stored = &cohort.archive.second;
    let tags = json!({ "PatientID": "NT-2" });
    let calls = [
        ("find_studies", json!({ "level": "Study", "tags": tags })),
        ("getPatient", json!({ "id": stored.patient })),
        ("getStudy", json!({ "id": stored.study })),
        ("getSeries", json!({ "id": stored.series })),
        ("getTags", json!({ "id": stored.instance })),
    ];
    for (tool, arguments) in calls {
        cohort.gateway.call(tool, arguments.clone(), Some(&token));
        let event = cohort
            .gateway
            .events
            .of_tool(tool, |event| event["principal"]["subject"] == "grace");
        assert_eq!(event["outcome"], "ok", "{event}");
        let content = event["arguments"]["content"].as_str().unwrap();
        let content: Value = serde_json::from_str(content).unwrap();
        assert_eq!(content, arguments, "{event}");
        // What a tool gives are data of patients, which the example does not capture.
        assert!(event["result"].get("content").is_none(), "{event}");
    }
}

/// For a person who does not read JSON, from the log as the host wrote it.
fn a_report_names_each_researcher(hosting: &Hosting) {
    let cohort = cohort(hosting);
    let gateway = &cohort.gateway;
    for subject in ["katherine", "dorothy"] {
        let token = gateway.token(subject, &[SCOPE]);
        gateway.call("cohortSize", json!({}), Some(&token));
        gateway.events.of_tool("cohortSize", |event| {
            event["principal"]["subject"] == subject
        });
    }
    let request = modern("tools/list", json!({}))
        .http_method("GET")
        .path("/.well-known/jwks.json");
    let keys = gateway.endpoint.raw(&request).unwrap();
    let log = gateway.events.text();
    let folder = hosting.folder(&[("jwks.json", &keys.body), ("events.ndjson", &log)]);
    let report = [
        "audit",
        "report",
        "--keys",
        "jwks.json",
        "--by",
        "principal",
        "--csv",
    ];
    let output = hosting
        .program(&folder, &[&report[..], &["events.ndjson"]].concat())
        .output()
        .unwrap();
    let (rows, verdict) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    // The end of a log that is being written is not provable.
    assert_eq!(output.status.code(), Some(3), "{verdict}");
    for subject in ["katherine", "dorothy"] {
        let row = format!("authenticated,{subject},dev,http://localhost/mcp-edge-dev,1,1,");
        assert!(
            rows.lines().any(|line| line.starts_with(&row)),
            "{rows}{verdict}"
        );
    }
}

fn any_identifier(hosting: &Hosting) -> &'static Gateway {
    static GATEWAY: OnceLock<Gateway> = OnceLock::new();
    GATEWAY.get_or_init(|| {
        let files = [
            ("mcp.toml", ANY_ID_CONFIGURATION),
            ("patients.yaml", ANY_ID_DOCUMENT),
        ];
        hosting.deploy(&files, &[("ORTHANC_URL", archive().orthanc.url())])
    })
}

fn an_identifier_without_a_pattern_is_served(hosting: &Hosting) {
    let stored = &archive().first;
    let id = json!({ "id": stored.patient });
    let patient = any_identifier(hosting).call("getPatient", id.clone(), None);
    assert_eq!(
        patient["structuredContent"]["ID"], stored.patient,
        "{patient}"
    );
    let studies = any_identifier(hosting).call("getStudies", id, None);
    assert_eq!(
        studies["structuredContent"]["result"][0]["ID"], stored.study,
        "{studies}"
    );
}

fn is_refused(hosting: &Hosting, value: &str) {
    let system = |body: &str| body.contains("DatabaseVersion");
    let direct = archive()
        .orthanc
        .get(&format!("/patients/{value}"))
        .unwrap();
    assert!(
        system(&direct.body),
        "Orthanc does not fall for {value:?}: {direct:?}"
    );
    for tool in ["getPatient", "getStudies"] {
        let result = any_identifier(hosting).call(tool, json!({ "id": value }), None);
        let text = result.to_string();
        assert!(!system(&text), "{value:?} is /system: {text}");
        assert_eq!(result["isError"], true, "{text}");
        // Refused here: an error of Orthanc has its status.
        assert!(text.contains("`id`") && !text.contains("404"), "{text}");
    }
}
