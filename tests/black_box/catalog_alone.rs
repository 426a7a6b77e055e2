//! The protocol part of the suite against a gateway whose only tools are operations of a catalog: what the protocol demands does
//! not depend on what a tool is made of.

use mcp_edge_tests::suite::Test;

use crate::{bad_input, browsers, eras, headers, hosts, legacy, lists, modern, nulls, refusals};

/// What a gateway has nothing of, and the tests that need it. A `*` in a name is for any text.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "it has no resources, prompts or completions",
        &[
            "bad input: a URI *",
            "bad input: a prompt's *",
            "bad input: a reference of an unknown kind",
            "bad input: a required argument that is null",
            "bad input: a template too long to complete",
            "bad input: a value to complete that is *",
            "bad input: an argument's name too long to complete",
            "black_box::bad_input::words_of_the_maximum_length_are_served",
            "black_box::eras::a_completion_never_asks",
            "black_box::eras::a_legacy_client_gets_an_error_instead_of_a_question",
            "black_box::legacy::a_revision_is_negotiated",
            "black_box::legacy::every_method_is_served",
            "black_box::legacy::results_have_nothing_of_the_modern_era",
            "black_box::lists::*pages_hold_every_entry_once",
            "black_box::modern::a_missing_resource_is_named",
            "black_box::modern::completes",
            "black_box::modern::completion_stops_at_a_hundred",
            "black_box::modern::discovers",
            "black_box::modern::every_result_names_the_server",
            "black_box::modern::gets_prompts",
            "black_box::modern::lists_are_cacheable_and_steady",
            "black_box::modern::reads_resources",
            "black_box::modern::what_has_no_completion_completes_to_nothing",
            "headers: accepts a name *",
            "headers: accepts an argument for another tool",
            "headers: accepts header names in capitals",
            "headers: accepts white space around a name",
            "nulls: *: a context*",
            "nulls: *: a known argument",
            "nulls: *: a prompt's *",
            "nulls: *: the cursor of a list of prompts",
            "refusals: a broken *",
            "refusals: a context that is a list",
            "refusals: a known argument that is a number",
            "refusals: a prompt without its argument",
            "refusals: a resource *",
            "refusals: an unknown prompt",
            "refusals: an unknown resource",
            "refusals: an unknown thing to complete",
            "refusals: known arguments that are text",
            "refusals: legacy: an unknown resource",
            "refusals: legacy: an unknown subscription",
            "refusals: nothing to complete",
        ],
    ),
    (
        "an operation asks nothing, logs nothing, and does not know its client",
        &[
            "black_box::legacy::a_batch_may_stream",
            "black_box::legacy::a_session_carries_the_clients_capabilities",
            "black_box::legacy::a_session_is_not_needed",
            "black_box::legacy::a_tool_that_asks_names_the_fix",
            "black_box::legacy::capabilities_too_long_for_a_header_are_left_behind",
            "black_box::legacy::the_log_level_moves_into_a_new_session",
            "black_box::legacy::what_2025_03_26_does_not_know_is_left_out",
            "black_box::modern::a_missing_capability_is_named",
            "black_box::nulls::a_null_*",
            "black_box::nulls::only_an_object_declares_a_capability",
            "refusals: a client that cannot be asked",
        ],
    ),
    (
        "they call a tool in Rust that breaks, or that takes or gives what these operations do not",
        &[
            "black_box::bad_input::a_body_of_the_maximum_length_is_served",
            "black_box::legacy::structured_content_is_an_object_or_text_alone",
            "black_box::lists::what_tests_mint_is_what_servers_mint",
            "black_box::modern::the_error_of_a_tool_is_only_in_the_log",
            "black_box::modern::arguments_may_be_absent",
            "black_box::modern::output_that_does_not_fit_tells_only_the_log",
            "headers: refuses: another argument inside another",
        ],
    ),
    (
        "they are about another server, which is guarded",
        &[
            "black_box::browsers::a_page_reads_the_answer_to_every_method",
            "black_box::browsers::a_preflight_allows_the_methods_of_its_path",
            "black_box::browsers::only_the_path_that_the_metadata_names_is_served",
        ],
    ),
];

/// The tests of the protocol without those of [`LEFT_OUT`].
///
/// # Panics
///
/// When a pattern of [`LEFT_OUT`] fits no test.
pub fn tests() -> Vec<Test> {
    let all = [
        modern::tests(),
        refusals::tests(),
        headers::tests(),
        hosts::tests(),
        nulls::tests(),
        lists::tests(),
        legacy::tests(),
        eras::tests(),
        browsers::tests(),
        bad_input::tests(),
    ];
    let mut tests: Vec<Test> = all.into_iter().flatten().collect();
    for (reason, patterns) in LEFT_OUT {
        for pattern in *patterns {
            let before = tests.len();
            tests.retain(|test| !fits(pattern, test.name()));
            let left_out = before - tests.len();
            assert!(left_out > 0, "there is no test `{pattern}`");
            println!("left out, since {reason}: {left_out} of `{pattern}`");
        }
    }
    tests
}

fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || last == Some("")
}
