import { setTimeout as sleep } from 'node:timers/promises';
import { loadFFmpeg } from '../../../src/video/ffmpeg.ts';

/**
 * Copies the packets of a video file into another container or onto the network, as `ffmpeg -c copy`.
 * @param muxer FFmpeg's name of it: `hls`, `mpegts`, `rtsp`
 * @param live sends in real time, over and over until the signal
 */
export async function remux(
  path: string,
  to: string,
  muxer: string,
  options: Record<string, string> = {},
  live?: AbortSignal,
): Promise<void> {
  const ffmpeg = await loadFFmpeg();
  const output = new ffmpeg.FormatContext();
  const check = (code: number) => ffmpeg.FFmpegError.throwIfError(code, to);
  check(output.allocOutputContext2(null, muxer, to));
  const packet = new ffmpeg.Packet();
  packet.alloc();
  const began = performance.now();
  let offset = 0n;
  try {
    do {
      const input = new ffmpeg.FormatContext();
      check(await input.openInput(`file:${path}`, null, null));
      check(await input.findStreamInfo());
      const from = input.streams[0]!;
      if (output.nbStreams === 0) {
        const stream = output.newStream(null);
        check(from.codecpar.copy(stream.codecpar));
        stream.codecpar.codecTag = 0;
        stream.timeBase = from.timeBase;
        // A muxer that opens no file of its own: it writes segments, or to the network.
        if (muxer === 'mpegts') check(await output.openOutput());
        check(await output.writeHeader(ffmpeg.Dictionary.fromObject(options)));
      }
      const { num, den } = from.timeBase;
      while (!live?.aborted && (await input.readFrame(packet)) >= 0) {
        packet.dts += offset;
        packet.pts += offset;
        const due = began + (Number(packet.dts) * num * 1000) / den;
        if (live) await sleep(Math.max(0, due - performance.now()));
        packet.rescaleTs(from.timeBase, output.streams[0]!.timeBase);
        check(await output.interleavedWriteFrame(packet));
      }
      offset += from.duration;
      await input.closeInput();
    } while (live && !live.aborted);
    await output.writeTrailer();
  } finally {
    packet.free();
    if (muxer === 'mpegts') await output.closeOutput();
    output.freeContext();
  }
}
