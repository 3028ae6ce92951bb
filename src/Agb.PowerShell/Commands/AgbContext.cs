using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbContext</c>: creates a context.</summary>
[Cmdlet(VerbsCommon.New, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbContext))]
public sealed class NewAgbContextCommand : AgbServiceCmdlet
{
    /// <summary>The names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context's name, which no other context has.")]
    [AllowEmptyString]
    public string[] Name { get; set; } = [];

    /// <summary>Whether an existing context of the name will do.</summary>
    [Parameter(HelpMessage = "Emit the context of that name if there is one already.")]
    public SwitchParameter GetExisting { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            if (!ShouldProcess($"context '{name}'", GetExisting ? "Create unless it exists" : "Create"))
            {
                continue;
            }
            var known = KnownService();
            RunItem(name, async token =>
            {
                var service = Open(known);
                Emit(await CallAsync(
                    service, $"create context '{name}'",
                    () => service.CreateContextAsync(name, GetExisting, token)).ConfigureAwait(false));
            });
        }
    }
}

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
    public string[]? Id { get; set; }

    /// <summary>A session whose mounted contexts are meant.</summary>
    [Parameter(ParameterSetName = SessionSet, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "A session, for the contexts that it mounts.")]
    public AgbSession? Session { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var known = KnownService(Session?.Service);
        foreach (var id in Session is null ? Id ?? [] : Session.ContextSyncs.Select(s => s.ContextId))
        {
            RunItem(id, token => EmitOneAsync(Open(known), id, byId: true, token));
        }
        // A piped context binds both its id and its name; the id says it all.
        if (Session is not null || Id is { Length: > 0 })
        {
            return;
        }
        foreach (var name in Name ?? ["*"])
        {
            RunItem(name, token => WildcardPattern.ContainsWildcardCharacters(name)
                ? EmitMatchingAsync(Open(known), name, token)
                : EmitOneAsync(Open(known), name, byId: false, token));
        }
    }

    private async Task EmitOneAsync(IAgbService service, string idOrName, bool byId, CancellationToken token)
    {
        var context = await CallAsync(
            service, $"get context '{idOrName}'", () => service.GetContextAsync(idOrName, token)).ConfigureAwait(false);
        // The service looks for ids and names alike; a user who says which one must not get the other.
        Emit(!byId || context.Id == idOrName ? context : throw AgbErrors.ContextNotFound(idOrName));
    }

    private Task EmitMatchingAsync(IAgbService service, string pattern, CancellationToken token)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        return CallAsync(service, "list contexts", async () =>
        {
            await foreach (var context in service.ListContextsAsync(token).ConfigureAwait(false))
            {
                if (wildcard.IsMatch(context.Name))
                {
                    Emit(context);
                }
            }
        });
    }
}

/// <summary><c>Remove-AgbContext</c>: deletes contexts with all their versions.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbContext", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveAgbContextCommand : AgbServiceCmdlet
{
    /// <summary>The contexts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts to delete: objects, ids or exact names.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in Context)
        {
            RunContext(reference, async (service, context, token) =>
            {
                if (await ConfirmAsync($"context '{context.Name}' ({context.Id}) and all its versions", "Delete").ConfigureAwait(false))
                {
                    await CallAsync(
                        service, $"delete context '{context.Name}'",
                        () => service.RemoveContextAsync(context.Id, token)).ConfigureAwait(false);
                }
            });
        }
    }
}
