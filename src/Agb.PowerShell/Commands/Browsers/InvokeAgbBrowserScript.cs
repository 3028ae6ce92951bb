using System.Text.Json;

namespace Agb.PowerShell.Commands;

/// <summary><c>Invoke-AgbBrowserScript</c>: runs JavaScript in a page, and emits its result as objects.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AgbBrowserScript")]
[OutputType(typeof(PSObject))]
public sealed class InvokeAgbBrowserScriptCommand : AgbPageCmdlet
{
    private IReadOnlyList<string>? _arguments;

    /// <summary>The script.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "JavaScript, as in the console of the page; with -ArgumentList a function.")]
    [ValidateNotNullOrEmpty]
    public string Script { get; set; } = "";

    /// <summary>Arguments of the function.</summary>
    [Parameter(HelpMessage = "Arguments of the function, passed as JSON.")]
    [Alias("Args")]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
        _arguments = ArgumentList?.Select(a => JsonValues.ToJson(this, a)).ToArray());

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var given = PageId;
        return (service, token) => CallAsync(service, $"run a script in a page of session '{session}'", () => OnPagesAsync(
            service, session,
            async pages =>
            {
                var page = await FrontAsync(pages, session, given, token).ConfigureAwait(false);
                if (await pages.EvaluateAsync(page, Script, _arguments, token).ConfigureAwait(false) is { } result)
                {
                    EmitResult(result);
                }
            },
            token));
    }

    private void EmitResult(JsonElement result)
    {
        var value = JsonValues.ToObject(result);
        Pump.Post(() => WriteObject(value, enumerateCollection: result.ValueKind == JsonValueKind.Array));
    }
}
