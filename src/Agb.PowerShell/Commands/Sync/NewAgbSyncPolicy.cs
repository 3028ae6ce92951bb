namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbSyncPolicy</c>: builds a sync policy. Each parameter sets one field of one of the seven policies and has
/// its name; other fields keep the official SDK's default. Mapping paths from the pipeline give one policy each.</summary>
[Cmdlet(VerbsCommon.New, "AgbSyncPolicy")]
[OutputType(typeof(AgbSyncPolicy))]
public sealed class NewAgbSyncPolicyCommand : PSCmdlet
{
    private static readonly AgbSyncPolicy s_default = new();

    // The fields without the mapping: the same for all input.
    private AgbSyncPolicy _policy = s_default;

    /// <summary>Upload policy: automatic upload.</summary>
    [Parameter(HelpMessage = "Upload automatically at the release of the session. Default: $true.")]
    public bool AutoUpload { get; set; } = s_default.Upload.AutoUpload;

    /// <summary>Upload policy: time of the automatic upload.</summary>
    [Parameter(HelpMessage = "Time of the automatic upload: UploadBeforeResourceRelease.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbUploadStrategy>))]
    public string UploadStrategy { get; set; } = s_default.Upload.UploadStrategy.ToString();

    /// <summary>Upload policy: storage form of files.</summary>
    [Parameter(HelpMessage = "How files are stored: File (one object each) or Archive. Default: File.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbUploadMode>))]
    public string UploadMode { get; set; } = s_default.Upload.UploadMode.ToString();

    /// <summary>Download policy: automatic download.</summary>
    [Parameter(HelpMessage = "Download the context's data automatically at session start. Default: $true.")]
    public bool AutoDownload { get; set; } = s_default.Download.AutoDownload;

    /// <summary>Download policy: time of the automatic download.</summary>
    [Parameter(HelpMessage = "Time of the automatic download: DownloadAsync.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbDownloadStrategy>))]
    public string DownloadStrategy { get; set; } = s_default.Download.DownloadStrategy.ToString();

    /// <summary>Delete policy: mirror deletions.</summary>
    [Parameter(HelpMessage = "Delete files in the context after their deletion in the session. Default: $true.")]
    public bool SyncLocalFile { get; set; } = s_default.Delete.SyncLocalFile;

    /// <summary>Extract policy: unpack archives.</summary>
    [Parameter(HelpMessage = "Unpack archives after download. Default: $true.")]
    public bool Extract { get; set; } = s_default.Extract.Extract;

    /// <summary>Extract policy: remove unpacked archives.</summary>
    [Parameter(HelpMessage = "Remove an archive after it was unpacked. Default: $true.")]
    public bool DeleteSrcFile { get; set; } = s_default.Extract.DeleteSrcFile;

    /// <summary>Extract policy: destination.</summary>
    [Parameter(HelpMessage = "Unpack into the archive's folder, not into a new folder with the archive's name. Default: $false.")]
    public bool ExtractToCurrentFolder { get; set; } = s_default.Extract.ExtractToCurrentFolder;

    /// <summary>Recycle policy: lifetime of data.</summary>
    [Parameter(HelpMessage = "How long data is kept, such as Lifecycle_30Days (or 30Days). Default: Lifecycle_Forever.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbLifecycle>))]
    public string Lifecycle { get; set; } = s_default.Recycle.Lifecycle.ToString();

    /// <summary>Recycle policy: paths.</summary>
    [Parameter(HelpMessage = "Paths below the mount with this lifecycle; '' is the whole mount. No wildcards.")]
    [AllowEmptyString]
    public string[] RecyclePath { get; set; } = [.. s_default.Recycle.Paths];

    /// <summary>White list policy: paths to sync.</summary>
    [Parameter(HelpMessage = "Sync only these: paths below the mount, or @{ Path = 'src'; ExcludePaths = 'node_modules' }.")]
    [AllowEmptyCollection]
    public object[] WhiteList { get; set; } = [];

    /// <summary>Mapping policy: the path of origin.</summary>
    [Parameter(
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The earlier path of the data, if it differs from the mount path.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _policy = Build();
            if (MyInvocation.ExpectingInput)
            {
                _policy.Validate();
            }
        }
        catch (AgbException e)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(e));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject((MappingPath is null ? _policy : _policy with { Mapping = new AgbMappingPolicy { Path = MappingPath } }).Validate());
        }
        catch (AgbException e) when (MyInvocation.ExpectingInput)
        {
            WriteError(ErrorMap.ToRecord(e, MappingPath));
        }
        catch (AgbException e)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(e));
        }
    }

    private AgbSyncPolicy Build()
    {
        // All wrong words are reported at once, as Validate does for the other fields.
        var words = new PolicyWords();
        var policy = new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy
            {
                AutoUpload = AutoUpload,
                UploadStrategy = words.Read<AgbUploadStrategy>("upload strategy", UploadStrategy),
                UploadMode = words.Read<AgbUploadMode>("upload mode", UploadMode),
            },
            Download = new AgbDownloadPolicy
            {
                AutoDownload = AutoDownload,
                DownloadStrategy = words.Read<AgbDownloadStrategy>("download strategy", DownloadStrategy),
            },
            Delete = new AgbDeletePolicy { SyncLocalFile = SyncLocalFile },
            Extract = new AgbExtractPolicy
            {
                Extract = Extract,
                DeleteSrcFile = DeleteSrcFile,
                ExtractToCurrentFolder = ExtractToCurrentFolder,
            },
            Recycle = new AgbRecyclePolicy
            {
                Lifecycle = words.Read<AgbLifecycle>("lifecycle", Lifecycle, "Lifecycle_"),
                Paths = RecyclePath,
            },
            WhiteLists = [.. WhiteList.Select(WhiteListEntry.From)],
        };
        words.ThrowIfWrong();
        return policy;
    }
}
