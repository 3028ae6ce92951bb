namespace Agb.Cloud;

/// <summary>Maps errors of the AGB API to specific ids, as far as their words allow. The service's message stays.</summary>
internal static class PlainErrors
{
    private static readonly string[] s_notFound = ["not found", "notfound", "not exist", "notexist"];

    /// <summary>Whether an error reports a missing object.</summary>
    internal static bool IsNotFound(AgbServiceException error) =>
        error.Kind == AgbErrorKind.NotFound || error.HttpStatus == 404
        || s_notFound.Any(w => error.Code.Contains(w, StringComparison.OrdinalIgnoreCase) || error.Message.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>Runs a call about a session.</summary>
    internal static Task<T> OfSessionAsync<T>(string sessionId, Func<Task<T>> call) =>
        TranslateAsync(call, () => AgbErrors.SessionNotFound(sessionId));

    /// <summary>Runs a call about a context.</summary>
    internal static Task<T> OfContextAsync<T>(string contextId, Func<Task<T>> call) =>
        TranslateAsync(call, () => AgbErrors.ContextNotFound(contextId));

    /// <summary>Runs a call about a file of a context.</summary>
    internal static Task<T> OfFileAsync<T>(string contextId, string path, Func<Task<T>> call) => TranslateAsync(
        call, () => AgbErrors.FileNotFound(contextId, path));

    /// <summary>The known error in place of the service's, with the service's message.</summary>
    internal static AgbServiceException Known(AgbException known, AgbServiceException said) =>
        new(known.ErrorId, known.Kind, $"{known.Message} The service says: {said.Message}", known.OwnRemedy, known.Target, said)
        {
            Advice = known.Advice,
            RequestId = said.RequestId,
            HttpStatus = said.HttpStatus,
            Code = said.Code,
        };

    private static async Task<T> TranslateAsync<T>(Func<Task<T>> call, Func<AgbException> notFound)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.ErrorId is AgbErrorIds.ServiceRefused or AgbErrorIds.SessionNotFound && IsNotFound(e))
        {
            throw Known(notFound(), e);
        }
    }
}
