// Runs the first steps of the vendors' SDKs for JavaScript against running stubs (TTS_STUB, LIVEKIT_STUB), and prints
// one line of JSON for each call: what it threw, and what the stub recorded of it.
import { ElevenLabsClient } from "@elevenlabs/elevenlabs-js";
import { EncodedFileOutput, LiveKitAPI } from "livekit-server-sdk";

const TTS_KEY = "stub-tts-key";
const LIVEKIT_KEY = "stubkey";
const LIVEKIT_SECRET = "stub-secret-long-enough-for-any-hmac-signature-that-a-client-may-try";
const noRetry = { maxRetries: 0 };

async function control(url, path, method = "GET", body = undefined) {
  const headers = body ? { "content-type": "application/json" } : {};
  const response = await fetch(`${url}/_stub/${path}`, { method, headers, body: body && JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

async function drain(stream) {
  for await (const _ of stream);
}

async function run(sdk, url, calls) {
  for (const [call, invoke] of Object.entries(calls)) {
    await control(url, "violations", "DELETE");
    await control(url, "requests", "DELETE");
    let error = "";
    try {
      await invoke();
    } catch (thrown) {
      error = String(thrown).slice(0, 300);
    }
    const [violations, defects, requests] = await Promise.all(
      ["violations", "defects", "requests"].map((path) => control(url, path)),
    );
    const statuses = requests.map((request) => request.status);
    console.log(JSON.stringify({ sdk, call, error, statuses, violations, defects }));
  }
}

function elevenLabsCalls(url) {
  const client = new ElevenLabsClient({ baseUrl: url, apiKey: TTS_KEY });
  const speech = { text: "This is a... streaming voice", modelId: "eleven_multilingual_v2" };
  let item;
  return {
    "textToSpeech.convert": async () => drain(await client.textToSpeech.convert("porter", speech)),
    "textToSpeech.stream": async () => drain(await client.textToSpeech.stream("porter", speech)),
    "textToSpeech.convertWithTimestamps": () => client.textToSpeech.convertWithTimestamps("porter", speech),
    "textToSpeech.streamWithTimestamps": async () =>
      drain(await client.textToSpeech.streamWithTimestamps("porter", speech)),
    "textToSpeech.convert (settings)": async () =>
      drain(
        await client.textToSpeech.convert("porter", {
          ...speech,
          outputFormat: "wav_16000",
          voiceSettings: { stability: 0.5, speed: 1.1 },
        }),
      ),
    "voices.search": () => client.voices.search({ search: "porter", voiceIds: ["porter", "manager"] }),
    "voices.getAll": () => client.voices.getAll({ showLegacy: true }),
    "voices.get": () => client.voices.get("porter"),
    "voices.settings.getDefault": () => client.voices.settings.getDefault(),
    "voices.settings.get": () => client.voices.settings.get("porter"),
    "voices.settings.update": () => client.voices.settings.update("porter", { stability: 0.6 }),
    "voices.ivc.create": () =>
      client.voices.ivc.create({ name: "Alex", files: [new Blob(["sample"])] }, noRetry),
    "models.list": () => client.models.list(),
    "history.list": async () => {
      item = (await client.history.list({ pageSize: 2, source: "TTS" })).history[0].historyItemId;
    },
    "history.get": () => client.history.get(item),
    "history.getAudio": async () => drain(await client.history.getAudio(item)),
    "history.delete": () => client.history.delete(item),
    "user.get": () => client.user.get(),
    "user.subscription.get": () => client.user.subscription.get(),
  };
}

function liveKitCalls(url) {
  const lk = new LiveKitAPI({ host: url, apiKey: LIVEKIT_KEY, secret: LIVEKIT_SECRET });
  const file = new EncodedFileOutput({ filepath: "call.mp4" });
  let egress;
  let dispatch;
  return {
    "room.createRoom": () => lk.room.createRoom({ name: "myroom", emptyTimeout: 600, maxParticipants: 20 }),
    "room.listRooms": () => lk.room.listRooms(),
    "room.updateRoomMetadata": () => lk.room.updateRoomMetadata("myroom", "{}"),
    "room.deleteRoom": () => lk.room.deleteRoom("myroom"),
    "room.listParticipants": () => lk.room.listParticipants("call-2"),
    "room.getParticipant": () => lk.room.getParticipant("call-2", "guest"),
    "room.updateParticipant": () => lk.room.updateParticipant("call-2", "guest", { metadata: "{}" }),
    "room.sendData": () => lk.room.sendData("call-2", new TextEncoder().encode("hello"), 0, {}),
    "egress.startRoomCompositeEgress": async () => {
      egress = await lk.egress.startRoomCompositeEgress("call-2", { file });
    },
    "egress.listEgress": () => lk.egress.listEgress({}),
    "egress.stopEgress": () => lk.egress.stopEgress(egress.egressId),
    "ingress.listIngress": () => lk.ingress.listIngress({}),
    "sip.createSipInboundTrunk": () => lk.sip.createSipInboundTrunk("hotel", ["+4930333333"]),
    "sip.listSipInboundTrunk": () => lk.sip.listSipInboundTrunk(),
    "sip.createSipParticipant": () =>
      lk.sip.createSipParticipant("ST_stuboutbound", "+15105550100", "call-2", { participantIdentity: "callee" }),
    "agentDispatch.createDispatch": async () => {
      dispatch = await lk.agentDispatch.createDispatch("call-2", "my-agent", { metadata: "{}" });
    },
    "agentDispatch.listDispatch": () => lk.agentDispatch.listDispatch("call-2"),
    "agentDispatch.deleteDispatch": () => lk.agentDispatch.deleteDispatch(dispatch.id, "call-2"),
    "room.removeParticipant": () => lk.room.removeParticipant("call-2", "guest"),
  };
}

const { TTS_STUB, LIVEKIT_STUB } = process.env;
const participant = { state: "a participant in a room", params: { room: "call-2", identity: "guest" } };
await run("@elevenlabs/elevenlabs-js", TTS_STUB, elevenLabsCalls(TTS_STUB));
await control(LIVEKIT_STUB, "states", "POST", participant);
await run("livekit-server-sdk (JavaScript)", LIVEKIT_STUB, liveKitCalls(LIVEKIT_STUB));
