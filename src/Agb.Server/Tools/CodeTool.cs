using Agb.Protocol;

namespace Agb.Server;

/// <summary>Runs code. Errors in the code are in the answer's executionError, never errors of the tool.</summary>
internal sealed class CodeTool : SessionTool
{
    private const long MostSeconds = 7 * 24 * 3600;
    private const long DefaultSeconds = 60;

    internal override string Name => CodeToolArguments.ToolName;

    internal override string Description => "Runs code in the session. Variables of python and r stay from call to call.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{
        "code":{"type":"string","description":"The code"},
        "language":{"type":"string","enum":["python","javascript","java","r"],"description":"Its language; of Java, the statements of a method's body"},
        "timeout_s":{"type":"integer","minimum":1,"default":60,"description":"After this time, in seconds, the code is ended"}},
        "required":["code","language"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var request = new AgbCodeRequest
        {
            Code = call.Text("code"),
            Language = Language(call.Text("language")),
            Timeout = TimeSpan.FromSeconds(call.OptionalInteger("timeout_s", 1, MostSeconds) ?? DefaultSeconds),
        };
        var result = await call.Service.RunCodeAsync(new SessionId(call.SessionId), request, cancellationToken).ConfigureAwait(false);
        return new ToolResult(CodeToolResult.From(result).ToJson());
    }

    // The tool has no default, unlike a call by WebSocket.
    private static AgbCodeLanguage Language(string word) => string.IsNullOrWhiteSpace(word)
        ? throw new ToolArgumentException("The argument 'language' is empty; expected python, javascript, java or r.")
        : CodeLanguages.To(word);
}
