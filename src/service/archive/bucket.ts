import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { UserError } from '../../errors.ts';
import type { ArchivedContent } from '../parts.ts';
import { type BucketAddress, parseBucketAddress } from './bucket-address.ts';

type Library = typeof import('@aws-sdk/client-s3');

/** Milliseconds to connect, and without a byte. */
const CONNECT = 5000;
const SILENCE = 30_000;

const nothing = (): void => undefined;

/** An object as a listing has it. */
export interface ListedObject {
  readonly hash: string;
  /** Milliseconds since 1970, by the clock of the bucket. */
  readonly written: number;
}

/** Objects by the hash of their content, in S3 or what speaks its protocol. */
export class Bucket {
  /** As a person writes it. */
  readonly name: string;
  readonly #library: Library;
  readonly #client: S3Client;
  readonly #address: BucketAddress;

  private constructor(library: Library, client: S3Client, address: BucketAddress) {
    this.#library = library;
    this.#client = client;
    this.#address = address;
    this.name = `s3://${address.bucket}/${address.prefix}`.replace(/\/$/, '');
  }

  /**
   * Endpoint, region and credentials are those of the environment and the files that all AWS programs read.
   * @throws UserError where there is no such bucket, or there are no credentials; not where it does not answer
   */
  static async open(address: string, environment = process.env): Promise<Bucket> {
    const place = parseBucketAddress(address);
    const library = await import('@aws-sdk/client-s3');
    const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
    const client = new library.S3Client({
      // Other servers than Amazon's have no host name for each bucket, and take any region.
      ...(endpoint && { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' }),
      ...(region && { region }),
      // The hash says more, and not every server knows these.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Not every server answers before a body, and one that refuses it does so after.
      expectContinueHeader: false,
      // It would write to stderr what is thrown, too.
      logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      requestHandler: { connectionTimeout: CONNECT, socketTimeout: SILENCE },
    });
    const bucket = new Bucket(library, client, place);
    await bucket.#requireThere();
    return bucket;
  }

  close(): void {
    this.#client.destroy();
  }

  /** Puts the content of a file, which must not change meanwhile. */
  async put({ hash, bytes }: ArchivedContent, file: FileHandle): Promise<void> {
    const command = new this.#library.PutObjectCommand({
      ...this.#object(hash),
      Body: file.createReadStream({ start: 0, autoClose: false }),
      ContentLength: bytes,
      ChecksumSHA256: Buffer.from(hash, 'hex').toString('base64'),
    });
    await this.#client.send(command);
  }

  /** @returns undefined where there is none */
  async get(hash: string): Promise<Readable | undefined> {
    try {
      const command = new this.#library.GetObjectCommand(this.#object(hash));
      const { Body } = await this.#client.send(command);
      return Body as Readable;
    } catch (error) {
      if (['NoSuchKey', 'NotFound'].includes((error as Error).name)) return undefined;
      throw error;
    }
  }

  async remove(hash: string): Promise<void> {
    await this.#client.send(new this.#library.DeleteObjectCommand(this.#object(hash)));
  }

  /** When an object was put last, as {@link ListedObject}; undefined where there is none. */
  async written(hash: string): Promise<number | undefined> {
    try {
      const command = new this.#library.HeadObjectCommand(this.#object(hash));
      return (await this.#client.send(command)).LastModified?.getTime();
    } catch (error) {
      if (['NoSuchKey', 'NotFound'].includes((error as Error).name)) return undefined;
      throw error;
    }
  }

  /** All objects, a page at a time. */
  async *list(): AsyncGenerator<readonly ListedObject[]> {
    const { bucket, prefix } = this.#address;
    let next: string | undefined;
    do {
      const page = await this.#client.send(
        new this.#library.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: `${prefix}sha256/`,
          ContinuationToken: next,
        }),
      );
      yield (page.Contents ?? []).flatMap(({ Key = '', LastModified }) => {
        const [, hash] = /\/([0-9a-f]{64})$/.exec(Key) ?? [];
        return hash && LastModified ? [{ hash, written: LastModified.getTime() }] : [];
      });
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  /** Where an object is, for a person. */
  placeOf(hash: string): string {
    return `s3://${this.#address.bucket}/${this.#object(hash).Key}`;
  }

  #object(hash: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#address;
    return { Bucket: bucket, Key: `${prefix}sha256/${hash.slice(0, 2)}/${hash}` };
  }

  async #requireThere(): Promise<void> {
    const { bucket } = this.#address;
    try {
      await this.#client.send(new this.#library.HeadBucketCommand({ Bucket: bucket }));
    } catch (error) {
      const { name, message } = error as Error;
      if (['NoSuchBucket', 'NotFound'].includes(name))
        throw new UserError(`${this.name}: there is no such bucket; make it, or give another`);
      if (name === 'CredentialsProviderError' || /Region is missing/.test(message))
        throw new UserError(
          `${this.name}: ${message}; set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and AWS_ENDPOINT_URL where it is not Amazon's`,
        );
    }
  }
}

/** Why S3 did not do what it was asked for, in one line. */
export function bucketReason(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string };
  const line = (message || code || 'no answer').split('\n', 1)[0]!;
  return ['Error', 'AggregateError', 'UserError'].includes(name) ? line : `${name}: ${line}`;
}
