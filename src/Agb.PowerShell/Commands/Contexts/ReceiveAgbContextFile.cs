using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Receive-AgbContextFile</c>: writes files of a context into a local folder.</summary>
[Cmdlet(VerbsCommunications.Receive, "AgbContextFile", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(FileInfo), typeof(DirectoryInfo))]
public sealed class ReceiveAgbContextFileCommand : AgbContextFileCmdlet
{
    private Transfer? _transfer;
    private LocalFolder? _folder;

    /// <summary>The patterns.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 1, HelpMessage = "Absolute paths in the context; wildcards are allowed.")]
    [SupportsWildcards]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextFileCompleter))]
    public override string[] Path { get; set; } = [];

    /// <summary>The destination.</summary>
    [Parameter(Position = 2, HelpMessage = "The destination folder on this machine, created if missing; the current location unless given.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>The version.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The version to read; the newest unless given.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? Version { get; set; }

    /// <summary>Whether to continue an earlier call.</summary>
    [Parameter(HelpMessage = "Continue an earlier call: skip complete files, and continue partial ones.")]
    public SwitchParameter Resume { get; set; }

    /// <inheritdoc/>
    private protected override bool TakesSessions => true;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext =>
        [.. base.FollowingContext, Following.Of<string>(nameof(Destination), WriteTo)];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _transfer = new Transfer(this, MyInvocation.MyCommand.Name);
        RequireValid(() => WriteTo(Destination));
    }

    private void WriteTo(string destination)
    {
        Destination = HostPath.Literal(SessionState, destination);
        if (File.Exists(Destination))
        {
            throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"The destination '{Destination}' is a file.",
                "Give a folder; each file keeps its name.", Destination);
        }
        _folder = new LocalFolder(Destination);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _transfer!.Run(
        () => ForEachPath(Version, async (view, path, isLiteral, token) =>
        {
            var items = new List<(AgbContextFile File, string Target)>();
            await CallAsync(
                view.Service, $"find '{path}' in context '{view.Context.Name}'",
                () => AddAsync(view, path, isLiteral, items, token)).ConfigureAwait(false);
            _transfer!.Meter.Expect(items.Count, items.Sum(i => i.File.Size));
            await CallAsync(
                view.Service, $"receive '{path}' of context '{view.Context.Name}'",
                () => ReceiveAsync(view, items, token)).ConfigureAwait(false);
        }),
        isLast: false);

    /// <inheritdoc/>
    protected override void EndProcessing() => _transfer!.Run(() => { }, isLast: true);

    private async Task AddAsync(
        ContextView view, string path, bool isLiteral, List<(AgbContextFile File, string Target)> items, CancellationToken token)
    {
        await foreach (var found in FindAsync(view, path, isLiteral, token).ConfigureAwait(false))
        {
            if (!await Pump.InvokeAsync(() => ShouldProcess(
                $"folder '{Destination}'", $"Write '{found.Path}' of context '{view.Context.Name}'")).ConfigureAwait(false))
            {
                continue;
            }
            if (found.Type == AgbFileType.Directory && !Recurse)
            {
                throw new AgbException(
                    AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"'{found.Path}' of context '{view.Context.Name}' is a directory.",
                    "Add -Recurse to receive it with its content.", found);
            }
            // The root has no name: its content goes to the destination itself.
            if (found.Path != "/")
            {
                items.Add((found, ContextPath.Name(found.Path)));
            }
            if (found.Type == AgbFileType.Directory)
            {
                await foreach (var below in view.ListAsync(found.Path, recurse: true, token).ConfigureAwait(false))
                {
                    // An entry outside of the requested path keeps its full path, which the folder refuses.
                    items.Add((below, LinuxPath.IsAtOrBelow(below.Path, found.Path)
                        ? ContextPath.Below(below.Path, ContextPath.Parent(found.Path))
                        : below.Path));
                }
            }
        }
    }

    /// <summary>Writes the files one after the other. A file with a write error is reported and the rest goes on, except after a
    /// failure of the service or the disk.</summary>
    private async Task ReceiveAsync(ContextView view, List<(AgbContextFile File, string Target)> items, CancellationToken token)
    {
        var directories = new List<(AgbContextFile File, string Full)>();
        try
        {
            foreach (var (file, target) in items)
            {
                await ReceiveAsync(view, file, target, directories, token).ConfigureAwait(false);
            }
        }
        finally
        {
            Finish(directories);
        }
    }

    private async Task ReceiveAsync(
        ContextView view, AgbContextFile file, string target, List<(AgbContextFile File, string Full)> directories, CancellationToken token)
    {
        try
        {
            await RequireNameAsync(view, file, token).ConfigureAwait(false);
            switch (file.Type)
            {
                case AgbFileType.Directory:
                    directories.Add((file, _folder!.MakeDirectory(target, file.Mode)));
                    break;
                case AgbFileType.SymbolicLink:
                    EmitItem(_folder!.MakeLink(target, file.LinkTarget ?? ""));
                    break;
                default:
                    await ReceiveFileAsync(view, file, target, token).ConfigureAwait(false);
                    break;
            }
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.InvalidPath or AgbErrorIds.WrongFileType or AgbErrorIds.FileNotFound)
        {
            EmitError(e, file);
        }
        _transfer!.Meter.Add(1, 0);
    }

    /// <summary>Sets modes and times of the directories, the innermost first: filling a directory changes its time.</summary>
    private void Finish(List<(AgbContextFile File, string Full)> directories)
    {
        foreach (var (file, full) in directories.AsEnumerable().Reverse())
        {
            LocalFolder.FinishDirectory(full, file);
        }
        directories.ForEach(d => EmitItem(d.Full));
    }

    private async Task ReceiveFileAsync(ContextView view, AgbContextFile file, string target, CancellationToken token)
    {
        var full = _folder!.Prepare(target);
        if (Resume && LocalFolder.IsThere(full, file))
        {
            _transfer!.Meter.Add(0, file.Size);
            return;
        }
        await LocalFolder.WriteFileAsync(
            full, file, Resume,
            (offset, cancel) => view.Service.OpenContextFileAsync(view.Context, file.Path, view.Version, offset, cancel),
            bytes => _transfer!.Meter.Add(0, bytes), token).ConfigureAwait(false);
        EmitItem(full);
    }

    /// <summary>Emits a file as Get-Item does, with the properties for pipeline binding in other cmdlets. PowerShell reads a
    /// backslash as a slash, so a name with a backslash would mean another file.</summary>
    private void EmitItem(string full) => Pump.Post(() => WriteObject(
        !full.Contains('\\') || OperatingSystem.IsWindows() ? InvokeProvider.Item.Get([full], force: true, literalPath: true)
            : new DirectoryInfo(full) is { Exists: true } directory ? directory
            : new FileInfo(full),
        enumerateCollection: true));
}
