namespace Agb;

/// <summary>The time of an automatic upload.</summary>
public enum AgbUploadStrategy
{
    /// <summary>At the session's release.</summary>
    UploadBeforeResourceRelease,
}

/// <summary>The storage form of files.</summary>
public enum AgbUploadMode
{
    /// <summary>One object per file.</summary>
    File,

    /// <summary>The mount packed as zip objects.</summary>
    Archive,
}

/// <summary>The time of an automatic download.</summary>
public enum AgbDownloadStrategy
{
    /// <summary>At session start; creation may return before the data is there.</summary>
    DownloadAsync,
}

/// <summary>The retention period of data.</summary>
public enum AgbLifecycle
{
    /// <summary>For ever.</summary>
    Lifecycle_Forever = 0,

    /// <summary>One day.</summary>
    Lifecycle_1Day = 1,

    /// <summary>3 days.</summary>
    Lifecycle_3Days = 3,

    /// <summary>5 days.</summary>
    Lifecycle_5Days = 5,

    /// <summary>10 days.</summary>
    Lifecycle_10Days = 10,

    /// <summary>15 days.</summary>
    Lifecycle_15Days = 15,

    /// <summary>30 days.</summary>
    Lifecycle_30Days = 30,

    /// <summary>90 days.</summary>
    Lifecycle_90Days = 90,

    /// <summary>180 days.</summary>
    Lifecycle_180Days = 180,

    /// <summary>360 days.</summary>
    Lifecycle_360Days = 360,
}

/// <summary>The upload policy.</summary>
public sealed record AgbUploadPolicy
{
    /// <summary>Upload automatically.</summary>
    public bool AutoUpload { get; init; } = true;

    /// <summary>The time of the automatic upload.</summary>
    public AgbUploadStrategy UploadStrategy { get; init; }

    /// <summary>The storage form of files.</summary>
    public AgbUploadMode UploadMode { get; init; }
}

/// <summary>The download policy.</summary>
public sealed record AgbDownloadPolicy
{
    /// <summary>Download automatically.</summary>
    public bool AutoDownload { get; init; } = true;

    /// <summary>The time of the automatic download.</summary>
    public AgbDownloadStrategy DownloadStrategy { get; init; }
}

/// <summary>The deletion policy.</summary>
public sealed record AgbDeletePolicy
{
    /// <summary>Mirror deletions of the session into the context.</summary>
    public bool SyncLocalFile { get; init; } = true;
}

/// <summary>The policy for downloaded archives.</summary>
public sealed record AgbExtractPolicy
{
    /// <summary>Unpack archives.</summary>
    public bool Extract { get; init; } = true;

    /// <summary>Remove the archive after unpacking.</summary>
    public bool DeleteSrcFile { get; init; } = true;

    /// <summary>Unpack beside the archive, not into a folder named after it.</summary>
    public bool ExtractToCurrentFolder { get; init; }
}

/// <summary>The retention policy.</summary>
public sealed record AgbRecyclePolicy
{
    /// <summary>The retention period.</summary>
    public AgbLifecycle Lifecycle { get; init; }

    /// <summary>Paths below the mount under this retention; the empty path is the whole mount. No wildcards.</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.List(value); } = Indexable.List([""]);
}

/// <summary>One entry of the white list.</summary>
public sealed record AgbWhiteList
{
    /// <summary>A path below the mount. No wildcards.</summary>
    public required string Path { get; init; }

    /// <summary>Excluded paths below <see cref="Path"/>. No wildcards.</summary>
    public IReadOnlyList<string> ExcludePaths { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <inheritdoc/>
    public override string ToString() => ExcludePaths.Count == 0 ? Path : $"{Path} (without {string.Join(", ", ExcludePaths)})";
}

/// <summary>The mapping policy: the source of the data, if it differs from the mount path.</summary>
public sealed record AgbMappingPolicy
{
    /// <summary>The absolute path of the data in the context.</summary>
    public required string Path { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>All seven policies of one mount. The defaults are those of the official SDK.</summary>
public sealed record AgbSyncPolicy
{
    /// <summary>The upload policy.</summary>
    public AgbUploadPolicy Upload { get; init; } = new();

    /// <summary>The download policy.</summary>
    public AgbDownloadPolicy Download { get; init; } = new();

    /// <summary>The deletion policy.</summary>
    public AgbDeletePolicy Delete { get; init; } = new();

    /// <summary>The policy for downloaded archives.</summary>
    public AgbExtractPolicy Extract { get; init; } = new();

    /// <summary>The retention policy.</summary>
    public AgbRecyclePolicy Recycle { get; init; } = new();

    /// <summary>The synced paths; empty for all.</summary>
    public IReadOnlyList<AgbWhiteList> WhiteLists { get; init => field = Indexable.List(value); } = Indexable.List<AgbWhiteList>([]);

    /// <summary>The source of the data, or null for the mount path itself.</summary>
    public AgbMappingPolicy? Mapping { get; init; }

    /// <summary>Checks every field and returns the policy with a normal mapping path.</summary>
    /// <exception cref="AgbException">InvalidPolicy, naming every fault; or InvalidPath for the mapping path.</exception>
    public AgbSyncPolicy Validate()
    {
        var faults = PolicyRules.Faults(this).ToArray();
        if (faults.Length > 0)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPolicy, "The sync policy is not valid: " + string.Join(" ", faults), target: this);
        }
        return Mapping is null ? this : this with { Mapping = new AgbMappingPolicy { Path = LinuxPath.NormalizeOrigin(Mapping.Path) } };
    }
}
