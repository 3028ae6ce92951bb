namespace Agb.PowerShell.Commands;

/// <summary><c>Copy-AgbItem</c>: copies local files and folders into a running session, or from a session to this machine, in
/// one stream, as <c>Copy-Item</c> with <c>-ToSession</c> and <c>-FromSession</c>.</summary>
[Cmdlet(VerbsCommon.Copy, "AgbItem", SupportsShouldProcess = true, DefaultParameterSetName = ToSet)]
[OutputType(typeof(void))]
public sealed class CopyAgbItemCommand : AgbServiceCmdlet
{
    private const string ToSet = "ToSession";
    private const string ToLiteralSet = "ToSessionLiteral";
    private const string FromSet = "FromSession";
    private const string FromLiteralSet = "FromSessionLiteral";

    private readonly List<string> _local = [];
    private readonly List<string> _remote = [];
    private Transfer? _transfer;

    /// <summary>The patterns.</summary>
    [Parameter(ParameterSetName = ToSet, Mandatory = true, Position = 0, HelpMessage = "Files and folders of the source, this machine or the session; wildcards are allowed.")]
    [Parameter(ParameterSetName = FromSet, Mandatory = true, Position = 0, HelpMessage = "Files and folders of the source, this machine or the session; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The exact paths.</summary>
    [Parameter(ParameterSetName = ToLiteralSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Exact paths, without wildcards; also by pipeline from Get-ChildItem.")]
    [Parameter(ParameterSetName = FromLiteralSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Exact paths, without wildcards; also by pipeline from Get-ChildItem.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The destination.</summary>
    [Parameter(Position = 1, HelpMessage = "The directory to copy into, or the new name; the session's home directory, or the current location, unless given.")]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>The destination session.</summary>
    [Parameter(ParameterSetName = ToSet, Mandatory = true, HelpMessage = "The session to copy to: object or id.")]
    [Parameter(ParameterSetName = ToLiteralSet, Mandatory = true, HelpMessage = "The session to copy to: object or id.")]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference? ToSession { get; set; }

    /// <summary>The source session.</summary>
    [Parameter(ParameterSetName = FromSet, Mandatory = true, HelpMessage = "The session to copy from: object or id.")]
    [Parameter(ParameterSetName = FromLiteralSet, Mandatory = true, HelpMessage = "The session to copy from: object or id.")]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference? FromSession { get; set; }

    /// <summary>Accepted for compatibility with Copy-Item: folders are always copied with their content.</summary>
    [Parameter(HelpMessage = "No effect: folders are always copied with their content.")]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Whether to replace entries of another type.</summary>
    [Parameter(HelpMessage = "Also replace a file by a folder, or a folder with its content by a file.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether to keep existing files.</summary>
    [Parameter(HelpMessage = "Keep existing files unchanged.")]
    public SwitchParameter NoClobber { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _transfer = new Transfer(this, MyInvocation.MyCommand.Name);
        if (Force && NoClobber)
        {
            RequireValid(() => throw AgbErrors.Invalid(AgbErrorIds.InvalidInput, "-Force and -NoClobber are given together.", "Give one of them."));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (FromSession is not null)
        {
            foreach (var path in ParameterSetName == FromLiteralSet ? LiteralPath : Path)
            {
                AddRemote(path);
            }
            return;
        }
        foreach (var path in ParameterSetName == ToLiteralSet ? LiteralPath : Path)
        {
            try
            {
                _local.AddRange(ParameterSetName == ToLiteralSet ? [HostPath.Literal(SessionState, path)] : HostPath.Matching(SessionState, path));
            }
            catch (AgbException e)
            {
                Report(e, path);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var session = (ToSession ?? FromSession)!;
        var what = FromSession is null ? Said(_local) : $"{Said(_remote)} of session '{session}'";
        var where = FromSession is null ? $"session '{session}' at '{Destination ?? "~"}'" : $"'{Destination ?? "."}'";
        if (_local.Count + _remote.Count == 0 || !ShouldProcess(where, $"Copy {what}"))
        {
            return;
        }
        var known = KnownService(session.Service);
        var target = FromSession is null ? "" : HostPath.Literal(SessionState, Destination ?? ".");
        _transfer!.Run(
            () => RunItem(session, async token =>
            {
                var service = Open(known);
                var tar = new SessionTar(service, session.SessionId);
                await CallAsync(service, $"copy {what} to {where}", async () =>
                {
                    await (FromSession is null ? SendAsync(tar, token) : ReceiveAsync(tar, target, token)).ConfigureAwait(false);
                    return true;
                }).ConfigureAwait(false);
            }),
            isLast: true);
    }

    /// <summary>Adds a path of the session without trailing separators: its last name becomes the copy's name.</summary>
    private void AddRemote(string path)
    {
        var wanted = path;
        while (wanted.EndsWith('/') || wanted.EndsWith("/.", StringComparison.Ordinal))
        {
            wanted = wanted[..wanted.LastIndexOf('/')];
        }
        if (wanted is "" or "." or ".." || wanted.EndsWith("/..", StringComparison.Ordinal) || wanted.Contains('\0'))
        {
            Report(
                AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"The path '{path.Replace("\0", "\\0")}' of the session ends with no name.", "Name a file or folder, or a pattern such as /srv/*.", path),
                path);
            return;
        }
        _remote.Add(wanted);
    }

    private async Task SendAsync(SessionTar tar, CancellationToken token)
    {
        var given = Destination ?? "";
        var (path, place) = await tar.LookAsync(given, token).ConfigureAwait(false);
        // As cp(1) and Copy-Item: into an existing directory, or under a new name.
        var isInto = place == SessionPlace.Directory || _local.Count > 1 || given.EndsWith('/');
        var directory = isInto ? path : path[..Math.Max(1, path.LastIndexOf('/'))];
        var items = new List<CopyItem>();
        foreach (var local in _local)
        {
            var name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(local));
            if (isInto && name.Length == 0)
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"The path '{local}' ends with no name.", "Name a folder, or a pattern for its content.", local);
            }
            Collect(local, isInto ? name : path[(path.LastIndexOf('/') + 1)..], items, token);
        }
        if (items.Count == 0)
        {
            return;
        }
        _transfer!.Meter.Expect(items.Count, items.Sum(i => i.Entry.Size));
        await using var archive = new TarSource(items, NotRead, _transfer.Meter.Add);
        await tar.WriteAsync(archive, directory, Force ? "force" : NoClobber ? "keep" : "replace", token).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(SessionTar tar, string target, CancellationToken token)
    {
        var found = await tar.FindAsync(_remote, isLiteral: LiteralPath.Length > 0, token).ConfigureAwait(false);
        foreach (var missing in found.Missing)
        {
            EmitError(
                new AgbException(
                    AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"The session '{FromSession}' has nothing at '{missing}'.",
                    "Check the path; -LiteralPath takes names with wildcard characters.", missing),
                missing);
        }
        if (found.Unnamed > 0)
        {
            NotWritten($"{found.Unnamed} of the matches", "their names are not UTF-8, so they can't be requested");
        }
        if (found.Paths.Count == 0)
        {
            return;
        }
        var isInto = Directory.Exists(target) || found.Paths.Count > 1 || Destination?.EndsWith('/') == true || _remote.Any(p => LiteralPath.Length == 0 && WildcardPattern.ContainsWildcardCharacters(p));
        var folder = isInto ? target : System.IO.Path.GetDirectoryName(target) ?? target;
        _transfer!.Meter.Expect(found.Files, found.Bytes);
        var writer = new TarTarget(folder, isInto ? null : System.IO.Path.GetFileName(target), clobber: !NoClobber, force: Force, NotWritten, _transfer.Meter.Add);
        var (said, success) = await tar.ReadAsync(found.Paths, archive => writer.Write(archive, token), token).ConfigureAwait(false);
        if (!success)
        {
            NotWritten("Part of the requested files", said);
        }
        else if (said.Length > 0)
        {
            Pump.Post(() => WriteWarning(said));
        }
    }

    private void Collect(string local, string name, List<CopyItem> items, CancellationToken token)
    {
        if (LocalTree.Read(local) is not { } entry)
        {
            Skipped(local);
            return;
        }
        items.Add(new CopyItem(local, name, entry));
        if (entry.Type == AgbFileType.Directory)
        {
            items.AddRange(LocalTree.ReadBelow(local, Skipped, e => EmitError(e, local), token).Select(e => new CopyItem(System.IO.Path.Combine(local, e.Key), $"{name}/{e.Key}", e.Value)));
        }
    }

    private void Skipped(string path) =>
        Pump.Post(() => WriteWarning($"'{path}' is left out: it is not a file, directory or link."));

    private void NotRead(string path, Exception? cause) => EmitError(
        new AgbException(AgbErrorIds.CopyIncomplete, AgbErrorKind.Failed, $"'{path}' was not copied whole: {cause?.Message}", "Copy it again.", path, cause), path);

    private void NotWritten(string name, string why) => EmitError(
        new AgbException(AgbErrorIds.CopyIncomplete, AgbErrorKind.Failed, $"{name} was left out: {why}.", null, name), name);

    private static string Said(List<string> paths) => paths.Count == 1 ? $"'{paths[0]}'" : $"{paths.Count} items";
}
