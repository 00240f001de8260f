import { Bucket } from '../service/archive/bucket.ts';
import { isBucketAddress } from '../service/archive/bucket-address.ts';

/**
 * Where the files of a service are: in a folder, or in S3 behind one.
 * @throws UserError where that is no place, or there is no such bucket
 */
export async function openPlace({
  files,
  data,
}: {
  readonly files?: string;
  readonly data: string;
}): Promise<{ readonly data: string; readonly bucket: Bucket | undefined }> {
  if (files === undefined || !isBucketAddress(files))
    return { data: files ?? data, bucket: undefined };
  return { data, bucket: await Bucket.open(files) };
}
