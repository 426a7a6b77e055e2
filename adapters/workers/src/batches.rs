//! Messages for a queue, in batches that the platform takes.

/// The longest message, in bytes. The platform takes 128,000, with about 100 that it adds itself.
pub(crate) const MAX_MESSAGE_BYTES: usize = 127_000;
/// The most bytes that are sent at once. The platform takes 256,000, with those that it adds to each message.
const MAX_BYTES: usize = 245_000;
/// The most messages that the platform takes at once.
const MAX_MESSAGES: usize = 100;

/// Messages in as few batches as the platform takes; nothing of them if one is too long for it.
pub(crate) fn batches(messages: &[String]) -> Result<Vec<&[String]>, String> {
    let mut batches = Vec::new();
    let mut rest = messages;
    while !rest.is_empty() {
        let mut bytes = 0_usize;
        let mut count = 0_usize;
        for message in rest.iter().take(MAX_MESSAGES) {
            if message.len() > MAX_MESSAGE_BYTES {
                return Err(format!(
                    "a message of {} bytes is longer than a queue takes, which is {MAX_MESSAGE_BYTES}; record less of calls (`max_bytes` of [[capture]] in mcp.toml)",
                    message.len()
                ));
            }
            bytes = bytes.saturating_add(message.len());
            if bytes > MAX_BYTES {
                break;
            }
            count = count.saturating_add(1);
        }
        let (batch, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        batches.push(batch);
        rest = others;
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(messages: &[usize]) -> Result<Vec<Vec<usize>>, String> {
        let messages: Vec<_> = messages.iter().map(|length| "x".repeat(*length)).collect();
        let batches = batches(&messages)?;
        Ok(batches
            .into_iter()
            .map(|batch| batch.iter().map(String::len).collect())
            .collect())
    }

    #[test]
    fn messages_stay_in_order_and_within_what_the_platform_takes() {
        assert_eq!(lengths(&[]), Ok(vec![]));
        assert_eq!(lengths(&[1, 2]), Ok(vec![vec![1, 2]]));
        let many = lengths(&[1; 250]).unwrap();
        assert_eq!(
            many.iter().map(Vec::len).collect::<Vec<_>>(),
            [100, 100, 50]
        );
        assert_eq!(
            lengths(&[100_000, 100_000, 100_000, 5]),
            Ok(vec![vec![100_000, 100_000], vec![100_000, 5]])
        );
        assert_eq!(
            lengths(&[MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES]),
            Ok(vec![
                vec![MAX_MESSAGE_BYTES],
                vec![MAX_MESSAGE_BYTES],
                vec![MAX_MESSAGE_BYTES]
            ])
        );
    }

    #[test]
    fn a_message_that_is_too_long_is_told_with_what_to_change() {
        let error = lengths(&[1, MAX_MESSAGE_BYTES + 1]).unwrap_err();
        assert!(error.contains("127001 bytes"), "{error}");
        assert!(error.contains("[[capture]]"), "{error}");
    }
}
