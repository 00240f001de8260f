// Exit code 0 where the service answers that it is ready.
const { M2S2L_PORT } = process.env;
const response = await fetch(`http://127.0.0.1:${M2S2L_PORT || 8480}/health/ready`);
process.exit(response.ok ? 0 : 1);
