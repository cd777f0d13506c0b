// The verdict alone, by `node`: what a short script in a pipeline would ask for.
const [url] = process.argv.slice(2);
const response = await fetch(url, { headers: { auth: "a token", "bot-language": "en" } });
const answer = await response.json();
console.log(answer.status);
process.exit(answer.status === "passed" ? 0 : 1);
