using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbSyncPolicy</c>: builds a sync policy. Each parameter is one field of one of the seven policies and
/// has its name; what is not given keeps the official SDK's default.</summary>
[Cmdlet(VerbsCommon.New, "AgbSyncPolicy")]
[OutputType(typeof(AgbSyncPolicy))]
public sealed class NewAgbSyncPolicyCommand : PSCmdlet
{
    private static readonly AgbSyncPolicy s_default = new();

    /// <summary>Upload policy: upload without being asked.</summary>
    [Parameter(HelpMessage = "Upload when the session is released, without being asked. Default: $true.")]
    public bool AutoUpload { get; set; } = s_default.Upload.AutoUpload;

    /// <summary>Upload policy: when.</summary>
    [Parameter(HelpMessage = "When the automatic upload happens: UploadBeforeResourceRelease.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbUploadStrategy>))]
    public string UploadStrategy { get; set; } = s_default.Upload.UploadStrategy.ToString();

    /// <summary>Upload policy: how files are stored.</summary>
    [Parameter(HelpMessage = "How files are stored: File (one object each) or Archive. Default: File.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbUploadMode>))]
    public string UploadMode { get; set; } = s_default.Upload.UploadMode.ToString();

    /// <summary>Download policy: download without being asked.</summary>
    [Parameter(HelpMessage = "Bring the context's data at session start, without being asked. Default: $true.")]
    public bool AutoDownload { get; set; } = s_default.Download.AutoDownload;

    /// <summary>Download policy: when.</summary>
    [Parameter(HelpMessage = "When the automatic download happens: DownloadAsync.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbDownloadStrategy>))]
    public string DownloadStrategy { get; set; } = s_default.Download.DownloadStrategy.ToString();

    /// <summary>Delete policy: mirror deletions.</summary>
    [Parameter(HelpMessage = "Delete in the context what the session deleted. Default: $true.")]
    public bool SyncLocalFile { get; set; } = s_default.Delete.SyncLocalFile;

    /// <summary>Extract policy: unpack.</summary>
    [Parameter(HelpMessage = "Unpack archives after download. Default: $true.")]
    public bool Extract { get; set; } = s_default.Extract.Extract;

    /// <summary>Extract policy: remove the archive.</summary>
    [Parameter(HelpMessage = "Remove an archive after it was unpacked. Default: $true.")]
    public bool DeleteSrcFile { get; set; } = s_default.Extract.DeleteSrcFile;

    /// <summary>Extract policy: where to.</summary>
    [Parameter(HelpMessage = "Unpack into the archive's own folder and not into one of its name. Default: $false.")]
    public bool ExtractToCurrentFolder { get; set; } = s_default.Extract.ExtractToCurrentFolder;

    /// <summary>Recycle policy: how long.</summary>
    [Parameter(HelpMessage = "How long data is kept, such as Lifecycle_30Days (or 30Days). Default: Lifecycle_Forever.")]
    [ArgumentCompleter(typeof(PolicyWordCompleter<AgbLifecycle>))]
    public string Lifecycle { get; set; } = s_default.Recycle.Lifecycle.ToString();

    /// <summary>Recycle policy: what for.</summary>
    [Parameter(HelpMessage = "Paths below the mount that the lifecycle holds for; '' is the whole mount. No wildcards.")]
    [AllowEmptyString]
    public string[] RecyclePath { get; set; } = [.. s_default.Recycle.Paths];

    /// <summary>White lists.</summary>
    [Parameter(HelpMessage = "Sync only these: paths below the mount, or @{ Path = 'src'; ExcludePaths = 'node_modules' }.")]
    [AllowEmptyCollection]
    public object[] WhiteList { get; set; } = [];

    /// <summary>Mapping policy: the path of origin.</summary>
    [Parameter(HelpMessage = "The path under which the data was stored before, when that is not the mount path.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(Build().Validate());
        }
        catch (AgbException e)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(e));
        }
    }

    private AgbSyncPolicy Build()
    {
        // All wrong words are told at once, as Validate does for the other fields.
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
            Mapping = MappingPath is null ? null : new AgbMappingPolicy { Path = MappingPath },
        };
        words.ThrowIfWrong();
        return policy;
    }
}
