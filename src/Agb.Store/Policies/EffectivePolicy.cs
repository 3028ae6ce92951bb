namespace Agb.Store;

/// <summary>The meaning of a sync policy for one mount.</summary>
/// <param name="policy">The policy.</param>
/// <param name="mountPath">Path of the mount in the session.</param>
internal sealed class EffectivePolicy(AgbSyncPolicy policy, string mountPath)
{
    /// <summary>Path of the data in the context, absolute.</summary>
    internal string Origin { get; } = policy.Mapping?.Path ?? mountPath;

    /// <summary>Paths with sync.</summary>
    internal PathFilter Filter { get; } = PathFilter.Of(policy, mountPath);

    /// <summary>Storage mode of the data.</summary>
    internal AgbUploadMode UploadMode => policy.Upload.UploadMode;

    /// <summary>Whether the data is stored as one archive.</summary>
    internal bool IsArchive => UploadMode == AgbUploadMode.Archive;

    /// <summary>Whether a release uploads the mount.</summary>
    internal bool UploadsAtRelease => policy.Upload.AutoUpload;

    /// <summary>Whether the mount shows the stored data from its start.</summary>
    internal bool DownloadsAtStart => policy.Download.AutoDownload;

    /// <summary>Whether an upload deletes the files deleted in the session.</summary>
    internal bool MirrorsDeletions => policy.Delete.SyncLocalFile;

    /// <summary>Whether stored archives are unpacked for the session.</summary>
    internal bool Unpacks => policy.Extract.Extract;

    /// <summary>Rules for unpacked archives.</summary>
    internal AgbExtractPolicy Extract => policy.Extract;

    /// <summary>Retention time of the data.</summary>
    internal AgbLifecycle Lifecycle => policy.Recycle.Lifecycle;

    /// <summary>Paths under the lifecycle: raw, relative to the mount.</summary>
    internal string[] RecyclePaths => [.. policy.Recycle.Paths.Select(p => PathFilter.Relative(p, mountPath))];
}
