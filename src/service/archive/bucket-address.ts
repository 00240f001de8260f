import { UserError } from '../../errors.ts';

/** A place in S3. */
export interface BucketAddress {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

export const isBucketAddress = (files: string): boolean => files.startsWith('s3://');

/** @throws UserError where it is no `s3://BUCKET/PREFIX` */
export function parseBucketAddress(address: string): BucketAddress {
  const [, bucket, path = ''] = /^s3:\/\/([^/?#@]+)(?:\/([^?#]*))?$/.exec(address) ?? [];
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  if (bucket === undefined || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new UserError(
      `${address}: is no place in S3; give s3://BUCKET or s3://BUCKET/PREFIX, and the endpoint and credentials by the AWS_… environment variables`,
    );
  const prefix = path.split('/').filter(Boolean).join('/');
  return { bucket, prefix: prefix && `${prefix}/` };
}
