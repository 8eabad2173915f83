//! A shell that knows one program, curl, of which it knows the options that the README uses.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::TcpStream,
};

/// Keeps the variables from one line to the next.
#[derive(Default)]
pub(crate) struct Shell(HashMap<String, String>);

impl Shell {
    /// `curl …`, or `NAME=$(curl …)`, which prints nothing.
    pub(crate) fn run(&mut self, line: &str) -> String {
        if let Some((name, inner)) = line.split_once("=$(").filter(|(name, _)| name.chars().all(|letter| letter.is_ascii_uppercase())) {
            let value = curl(&self.words(inner.strip_suffix(')').unwrap()));
            self.0.insert(name.to_owned(), value.trim_end().to_owned());
            return String::new();
        }
        curl(&self.words(line))
    }

    /// Words between spaces, with both kinds of quotes, and variables where a shell has them.
    fn words(&self, line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        let mut rest = line.chars().peekable();
        while let Some(letter) = rest.next() {
            match (letter, quote) {
                ('\'' | '"', None) => quote = Some(letter),
                (_, Some(open)) if letter == open => quote = None,
                (' ', None) => words.push(std::mem::take(&mut word)),
                ('$', None | Some('"')) => {
                    let braces = rest.next_if_eq(&'{').is_some();
                    let mut name = String::new();
                    while let Some(letter) = rest.next_if(char::is_ascii_uppercase) {
                        name.push(letter);
                    }
                    assert_eq!(braces, braces && rest.next() == Some('}'));
                    word.push_str(&self.0[&name]);
                }
                _ => word.push(letter),
            }
        }
        words.push(word);
        words
    }
}

fn curl(words: &[String]) -> String {
    let (mut method, mut headers, mut data) = (None, String::new(), Vec::new());
    let (mut quiet, mut format, mut url) = (false, String::new(), "");
    let mut words = words.iter().map(String::as_str);
    assert_eq!((words.next(), words.next()), (Some("curl"), Some("-s")));
    while let Some(word) = words.next() {
        match word {
            "-X" => method = words.next(),
            "-H" => headers.push_str(&format!("{}\r\n", words.next().unwrap())),
            "-d" => data.push(words.next().unwrap()),
            "-o" => quiet = words.next() == Some("/dev/null"),
            "-w" => words.next().unwrap().clone_into(&mut format),
            address => url = address,
        }
    }
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let data = data.join("&");
    if !data.is_empty() {
        headers.push_str(&format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", data.len()));
    }
    let method = method.unwrap_or(if data.is_empty() { "GET" } else { "POST" });
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n{data}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let header = |wanted: &str| {
        let found = head.lines().skip(1).filter_map(|line| line.split_once(": ")).find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value).unwrap_or_default()
    };
    let written = format
        .replace("%{http_code}", head.split(' ').nth(1).unwrap())
        .replace("%{content_type}", header("content-type"))
        .replace("%header{www-authenticate}", header("www-authenticate"))
        .replace("%header{etag}", header("etag"))
        .replace("\\n", "\n");
    if quiet { written } else { format!("{body}{written}") }
}
