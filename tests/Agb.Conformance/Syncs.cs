namespace Agb.Conformance;

/// <summary>Helpers for mounts of contexts.</summary>
public static class Syncs
{
    /// <summary>Mounts a context at a path.</summary>
    /// <param name="context">The context.</param>
    /// <param name="path">The path in the session.</param>
    /// <param name="from">The mapped path of origin, or null.</param>
    /// <param name="autoUpload">Upload on release.</param>
    /// <param name="autoDownload">Download at the start.</param>
    /// <param name="mirrorDeletions">Mirror deletions in the session.</param>
    public static AgbContextSync At(
        this AgbContext context, string path, string? from = null, bool autoUpload = true, bool autoDownload = true, bool mirrorDeletions = true) =>
        context.At(path, new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy { AutoUpload = autoUpload },
            Download = new AgbDownloadPolicy { AutoDownload = autoDownload },
            Delete = new AgbDeletePolicy { SyncLocalFile = mirrorDeletions },
            Mapping = from is null ? null : new AgbMappingPolicy { Path = from },
        });

    /// <summary>Mounts a context at a path under a policy.</summary>
    public static AgbContextSync At(this AgbContext context, string path, AgbSyncPolicy policy) =>
        new() { ContextId = context.Id, Path = path, Policy = policy };
}
