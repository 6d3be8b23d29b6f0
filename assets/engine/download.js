// Fetches a file whole. Throws Fault for whatever goes wrong.
import { Fault } from "./fault.js";

// `source`: an address, or the bytes themselves; `name`: what the visitor would call it; `onProgress`: called with the bytes that have
// arrived. Gives a Uint8Array.
export async function obtain(source, name, { signal, onProgress = () => {} } = {}) {
  if (typeof source !== "string" && !(source instanceof URL)) return new Uint8Array(source);
  let answer;
  try {
    answer = await fetch(source, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Fault(`${name} can't be fetched: there is no connection, or its host doesn't let this page read it.`);
  }
  if (!answer.ok) throw new Fault(`${name} can't be fetched: its host answers ${answer.status}.`);
  try {
    return await whole(answer.body.getReader(), onProgress);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Fault(`${name} did not arrive whole: the connection broke off.`);
  }
}

async function whole(reader, onProgress) {
  const parts = [];
  let bytes = 0;
  for (let part; !(part = await reader.read()).done; ) {
    parts.push(part.value);
    onProgress((bytes += part.value.length));
  }
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
