namespace Agb;

/// <summary>When an automatic upload happens.</summary>
public enum AgbUploadStrategy
{
    /// <summary>When the session is released.</summary>
    UploadBeforeResourceRelease,
}

/// <summary>How files are stored.</summary>
public enum AgbUploadMode
{
    /// <summary>One object per file.</summary>
    File,

    /// <summary>The mount packed as zip objects.</summary>
    Archive,
}

/// <summary>When an automatic download happens.</summary>
public enum AgbDownloadStrategy
{
    /// <summary>At session start; creation may return before the data is there.</summary>
    DownloadAsync,
}

/// <summary>How long data is kept.</summary>
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

/// <summary>What is uploaded, and when.</summary>
public sealed record AgbUploadPolicy
{
    /// <summary>Upload without being asked.</summary>
    public bool AutoUpload { get; init; } = true;

    /// <summary>When the automatic upload happens.</summary>
    public AgbUploadStrategy UploadStrategy { get; init; }

    /// <summary>How files are stored.</summary>
    public AgbUploadMode UploadMode { get; init; }
}

/// <summary>What is downloaded, and when.</summary>
public sealed record AgbDownloadPolicy
{
    /// <summary>Download without being asked.</summary>
    public bool AutoDownload { get; init; } = true;

    /// <summary>When the automatic download happens.</summary>
    public AgbDownloadStrategy DownloadStrategy { get; init; }
}

/// <summary>What happens to deletions.</summary>
public sealed record AgbDeletePolicy
{
    /// <summary>Mirror what the session deleted into the context.</summary>
    public bool SyncLocalFile { get; init; } = true;
}

/// <summary>What happens to archives after download.</summary>
public sealed record AgbExtractPolicy
{
    /// <summary>Unpack archives.</summary>
    public bool Extract { get; init; } = true;

    /// <summary>Remove the archive after unpacking.</summary>
    public bool DeleteSrcFile { get; init; } = true;

    /// <summary>Unpack into the archive's own folder in place of one of its name.</summary>
    public bool ExtractToCurrentFolder { get; init; }
}

/// <summary>How long which data is kept.</summary>
public sealed record AgbRecyclePolicy
{
    /// <summary>How long.</summary>
    public AgbLifecycle Lifecycle { get; init; }

    /// <summary>Paths below the mount that it holds for; the empty path is the whole mount. No wildcards.</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.List(value); } = Indexable.List([""]);
}

/// <summary>One entry of the white list.</summary>
public sealed record AgbWhiteList
{
    /// <summary>A path below the mount. No wildcards.</summary>
    public required string Path { get; init; }

    /// <summary>Paths below it that are left out all the same. No wildcards.</summary>
    public IReadOnlyList<string> ExcludePaths { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <inheritdoc/>
    public override string ToString() => ExcludePaths.Count == 0 ? Path : $"{Path} (without {string.Join(", ", ExcludePaths)})";
}

/// <summary>Where the data comes from when that is not the mount path.</summary>
public sealed record AgbMappingPolicy
{
    /// <summary>The absolute path under which the data was stored.</summary>
    public required string Path { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>All seven policies of one mount. Defaults are those of the official SDK.</summary>
public sealed record AgbSyncPolicy
{
    /// <summary>What is uploaded, and when.</summary>
    public AgbUploadPolicy Upload { get; init; } = new();

    /// <summary>What is downloaded, and when.</summary>
    public AgbDownloadPolicy Download { get; init; } = new();

    /// <summary>What happens to deletions.</summary>
    public AgbDeletePolicy Delete { get; init; } = new();

    /// <summary>What happens to archives after download.</summary>
    public AgbExtractPolicy Extract { get; init; } = new();

    /// <summary>How long which data is kept.</summary>
    public AgbRecyclePolicy Recycle { get; init; } = new();

    /// <summary>Only these paths are synced; empty for all.</summary>
    public IReadOnlyList<AgbWhiteList> WhiteLists { get; init => field = Indexable.List(value); } = Indexable.List<AgbWhiteList>([]);

    /// <summary>Where the data comes from, or null for the mount path itself.</summary>
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
