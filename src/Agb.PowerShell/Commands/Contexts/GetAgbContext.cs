using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbContext</c>: lists contexts, or finds them by name or id.</summary>
[Cmdlet(VerbsCommon.Get, "AgbContext", DefaultParameterSetName = NameSet)]
[OutputType(typeof(AgbContext))]
public sealed class GetAgbContextCommand : AgbServiceCmdlet
{
    private const string NameSet = "Name";
    private const string SessionSet = "Session";

    /// <summary>The names, with wildcards.</summary>
    [Parameter(ParameterSetName = NameSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The ids.</summary>
    [Parameter(ParameterSetName = NameSet, ValueFromPipelineByPropertyName = true, HelpMessage = "Exact ids.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextIdCompleter))]
    public AgbContextReference[]? Id { get; set; }

    /// <summary>A session with mounted contexts to list.</summary>
    [Parameter(ParameterSetName = SessionSet, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "A session with the contexts to list.")]
    public AgbSession? Session { get; set; }

    /// <summary>The mounts of a session from another process. Its id and its text are bound too, and have no meaning
    /// then.</summary>
    [Parameter(ParameterSetName = NameSet, ValueFromPipelineByPropertyName = true, DontShow = true,
        HelpMessage = "The mounts of a session from another process.")]
    [Alias("ContextSyncs")]
    public object? InputSyncs { get; set; }

    /// <summary>Whether to count the data.</summary>
    [Parameter(HelpMessage = "Also count the files of the newest version and their bytes, as Files and Size; takes as long as listing them.")]
    public SwitchParameter Size { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var ids = Session is not null ? new AgbContextReference(Session).Parts
            : InputSyncs is not null ? ReferenceConverter.Mounted(InputSyncs).Select(id => new AgbContextReference(id, service: null)).ToArray()
            : Id ?? [];
        foreach (var id in ids)
        {
            var known = KnownService(id.Service);
            RunItem(id, token => EmitByIdAsync(Open(known), id.Text, token));
        }
        // A piped context binds both its id and its name; the id is enough.
        if (Session is not null || InputSyncs is not null || ids.Count > 0)
        {
            return;
        }
        var named = KnownService();
        foreach (var name in Name ?? ["*"])
        {
            RunItem(name, token => EmitByNameAsync(Open(named), name, token));
        }
    }

    private async Task EmitByIdAsync(IAgbService service, string id, CancellationToken token)
    {
        var context = await CallAsync(service, $"get context '{id}'", () => service.GetContextAsync(new ContextId(id), token)).ConfigureAwait(false);
        await EmitAsync(service, context, token).ConfigureAwait(false);
    }

    /// <summary>Finds a name: an exact match goes first, then the pattern, then a match in another case.</summary>
    private async Task EmitByNameAsync(IAgbService service, string name, CancellationToken token)
    {
        var pattern = new NamePattern(name);
        if (!pattern.HasWildcards)
        {
            try
            {
                var exact = await CallAsync(
                    service, $"get context '{pattern.Literal}'", () => service.FindContextAsync(pattern.Literal, token)).ConfigureAwait(false);
                await EmitAsync(service, exact, token).ConfigureAwait(false);
                return;
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.ContextNotFound)
            {
                // Another case, or a name with the escapes in it.
            }
        }
        var found = await CallAsync(
            service, "list contexts", () => pattern.SelectAsync(service.ListContextsAsync(token), c => c.Name, token)).ConfigureAwait(false);
        if (found.Count == 0 && !pattern.HasWildcards)
        {
            throw AgbErrors.ContextNotFound(name);
        }
        foreach (var context in found)
        {
            await EmitAsync(service, context, token).ConfigureAwait(false);
        }
    }

    private async Task EmitAsync(IAgbService service, AgbContext context, CancellationToken token)
    {
        if (Size)
        {
            var (files, bytes) = (0L, 0L);
            await CallAsync(service, $"count the files of context '{context.Name}'", async () =>
            {
                var all = service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true }, token);
                await foreach (var file in all.Where(f => f.Type == AgbFileType.File).ConfigureAwait(false))
                {
                    (files, bytes) = (files + 1, bytes + file.Size);
                }
            }).ConfigureAwait(false);
            var members = PSObject.AsPSObject(context).Properties;
            foreach (var (name, count) in new[] { ("Files", files), ("Size", bytes) })
            {
                members.Remove(name);
                members.Add(new PSNoteProperty(name, count));
            }
        }
        Emit(context);
    }
}
